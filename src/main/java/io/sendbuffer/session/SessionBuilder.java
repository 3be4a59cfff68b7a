package io.sendbuffer.session;

import io.sendbuffer.QueueLimits;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.agrona.ErrorHandler;

/**
 * The settings that every kind of session has, each checked when it is set. Not safe for use by several threads.
 *
 * @param <B> the builder itself
 */
public abstract class SessionBuilder<B extends SessionBuilder<B>> {
    private static final Duration LONGEST = Duration.ofDays(1);

    private QueueLimits queueLimits = QueueLimits.DEFAULT;
    private Duration closeTimeout = Duration.ofSeconds(3);
    private Duration writeTimeout = Duration.ofSeconds(30);
    private Duration connectTimeout = Duration.ofSeconds(10);
    private long bytesPerTurn = 1 << 20;
    private int receiveBufferSize;
    private ErrorHandler errorHandler = error -> System.err.println("sendbuffer: " + error);

    SessionBuilder(int receiveBufferSize) {
        this.receiveBufferSize = receiveBufferSize;
    }

    /** The builder of a kind. */
    abstract B self();

    /** The limits of each session's queue. Default: {@link QueueLimits#DEFAULT}. */
    public B queueLimits(QueueLimits limits) {
        this.queueLimits = Objects.requireNonNull(limits, "queueLimits");
        return self();
    }

    /**
     * How long {@link Session#close()} may take to write what is queued, 0 to 1 day; and how long the close of the
     * loop, or of the set of sessions, waits for that. Default: 3 seconds.
     */
    public B closeTimeout(Duration time) {
        this.closeTimeout = atMostLongest("closeTimeout", time);
        return self();
    }

    /**
     * How long a write may wait for the peer, up to 1 day; the session ends then, with a
     * {@link java.net.SocketTimeoutException}. On a loop that is the time in which the peer takes nothing; with
     * asynchronous and blocking channels, which tell of a write only when it is over, that of one write, which is up to
     * {@link QueueLimits#maxBytesPerWrite}: peers that are slower than that are closed. Zero: forever. Measured from
     * outside, now and then, so it may be some 100 ms more. Default: 30 seconds.
     */
    public B writeTimeout(Duration time) {
        this.writeTimeout = atMostLongest("writeTimeout", time);
        return self();
    }

    /** How long a connect may take, up to 1 day. Zero: as long as the system tries. Default: 10 seconds. */
    public B connectTimeout(Duration time) {
        this.connectTimeout = atMostLongest("connectTimeout", time);
        return self();
    }

    /**
     * Fairness: how much is written for one session before others have their turn, 1 byte or more; passed by one write
     * at most. Of no effect with blocking channels, where a sender that writes goes on while there is something queued.
     * Default: 1 MiB.
     */
    public B bytesPerTurn(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("bytesPerTurn must be 1 or more, was " + bytes);
        }
        this.bytesPerTurn = bytes;
        return self();
    }

    /**
     * Bytes of the buffer that is received into, 1 to 16 MiB: one for all sessions of a loop, one for each session of
     * another kind. Default: 64 KiB for a loop, 8 KiB for the others.
     */
    public B receiveBufferSize(int bytes) {
        if (bytes < 1 || bytes > 16 << 20) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "receiveBufferSize must be between 1 and %,d, was %,d", 16 << 20, bytes));
        }
        this.receiveBufferSize = bytes;
        return self();
    }

    /** Who is told what has no listener: a failed accept, a callback's exception at the end of a session. */
    public B errorHandler(ErrorHandler handler) {
        this.errorHandler = Objects.requireNonNull(handler, "errorHandler");
        return self();
    }

    SessionSettings settings() {
        return new SessionSettings(
                queueLimits, closeTimeout, writeTimeout, connectTimeout, bytesPerTurn, receiveBufferSize, errorHandler);
    }

    static Duration atMostLongest(String name, Duration time) {
        if (time.isNegative() || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + " must be between 0 and 1 day, was " + time);
        }
        return time;
    }
}
