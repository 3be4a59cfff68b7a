package io.sendbuffer.session;

import io.sendbuffer.QueueLimits;
import java.time.Duration;
import org.agrona.ErrorHandler;

/** What all sessions of one loop, or of one set of sessions, have in common. Immutable. */
record SessionSettings(
        QueueLimits queueLimits,
        Duration closeTimeout,
        Duration writeTimeout,
        Duration connectTimeout,
        long bytesPerTurn,
        int receiveBufferSize,
        ErrorHandler errorHandler) {

    /** Tells the error handler what has no listener. Never throws: whoever met the error has to go on. */
    void report(Throwable error) {
        try {
            errorHandler.onError(error);
        } catch (Throwable e) {
            e.addSuppressed(error);
            System.err.println("sendbuffer: the error handler failed");
            e.printStackTrace(System.err);
        }
    }
}
