package io.sendbuffer.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a session: one call at a time for each session, under no lock of this library. On a {@link SendLoop}
 * all calls come on the loop's thread, so do not block there; on which thread they come elsewhere say
 * {@link AsyncSessions} and {@link BlockingSessions}. An exception that a callback throws ends the session with that
 * cause.
 */
public interface SessionListener {
    /**
     * The session is connected and attended to. The first callback, unless the session ended before; messages may have
     * been sent before it already.
     */
    default void onOpened(Session session) {}

    /**
     * Bytes came in, as the channel gave them: a message may come in pieces.
     *
     * @param bytes what came; valid during the call alone, copy what must stay
     */
    default void onReceived(Session session, ByteBuffer bytes) {}

    /**
     * The peer will send nothing more, but may still listen.
     *
     * @return true to keep the session for sending; false, the default, to end it with an {@link java.io.EOFException}.
     *     TCP does not tell a peer that still listens from one that left altogether: a session that is kept ends when a
     *     write fails
     */
    default boolean onInputEnded(Session session) {
        return false;
    }

    /**
     * The session ended: the last callback, once for every session. Everything that was queued is released; what a
     * write is still reading, when that write ends.
     *
     * @param cause the I/O error, the time-out or the exception of a callback that ended it; null if
     *     {@link Session#close()} with all written in time, {@link Session#abort()} or the close of the loop did
     */
    default void onClosed(Session session, @Nullable Throwable cause) {}

    /**
     * Who listens to the sessions of the connections that are accepted.
     *
     * @param <C> the kind of channel
     */
    @FunctionalInterface
    interface Factory<C extends Channel> {
        /**
         * Returns the listener of a new connection. Called on the thread that accepts.
         *
         * @param connection in the mode of its kind, non-blocking on a loop; may be told a short farewell here before
         *     it is refused
         * @return null to refuse the connection, which is then closed
         * @throws IOException to refuse it as well, and have the loop's error handler told why
         */
        @Nullable
        SessionListener listenerFor(C connection) throws IOException;
    }
}
