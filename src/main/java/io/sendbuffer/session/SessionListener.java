/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a session: one call at a time for each session, in order.
 *
 * <p><b>Threads.</b> The session's own: on a {@link SendLoop} the loop's thread, so do not block there; in
 * {@link AsyncSessions} and {@link BlockingSessions} a thread that reads or one of a few that make callbacks, where one
 * that blocks holds up no clock and few others. Never a thread that is within a call into this library, of
 * {@code send}, {@code broadcast}, {@code close} or any other, and never within another callback. With one exception:
 * if a session comes too late for a loop or a set of sessions that has ended, and the JVM has no thread left, the
 * caller makes its last callback.
 *
 * <p><b>Locks.</b> None that a call into this library takes, and none of the caller's: a callback may take the lock
 * that a sender holds.
 *
 * <p><b>What may be called.</b> Anything: send, broadcast, close, abort, join and leave groups, and close the loop, a
 * runner, a loop group or a set of sessions, its own or another one, which then asks for the end and returns.
 *
 * <p>What a callback throws, an {@link Error} too, ends the session with that cause; what {@link #onClosed} throws goes
 * to the error handler.
 */
public interface SessionListener {
    /**
     * The session is connected and served. The first callback, unless the session ended before; messages may have been
     * sent before it already.
     */
    default void onOpened(Session session) {}

    /**
     * Bytes came in, at least one, as the channel gave them: a message may come in pieces.
     *
     * @param bytes what came, in big-endian order at first; valid during the call alone, copy what must stay
     */
    default void onReceived(Session session, ByteBuffer bytes) {}

    /**
     * The peer will send nothing more, but may still listen.
     *
     * @return true to keep the session for sending; false, the default, to end it: what is queued is written within the
     *     close timeout, and the cause is an {@link java.io.EOFException}. TCP does not distinguish a peer that still
     *     listens from one that left: a session that is kept ends when a write fails. Of no effect on a session that is
     *     being closed, or has ended its output by {@link Session#shutdownOutput()}: what is queued is written, and
     *     there is no cause
     */
    default boolean onInputEnded(Session session) {
        return false;
    }

    /**
     * The session's queue passed a watermark: false when it holds more than the high one, or refused a message for its
     * limits; true when it holds no more than the low one. Right for a producer that pauses and continues:
     *
     * <pre>{@code
     * if (!session.isWritable()) { pause(); }     // after a send
     * public void onWritable(Session session, boolean writable) {
     *     if (writable) { continueSending(); }
     * }
     * }</pre>
     *
     * <p>False and true alternate, and begin with false. None is lost: a sender that saw the session not writable, or
     * was refused, gets the true that follows. Where both come faster than callbacks are made, some pairs are one; the
     * last call agrees with {@link Session#isWritable()}. Not called once the session closes or ended.
     */
    default void onWritable(Session session, boolean writable) {}

    /**
     * All that was queued is written, the first time after an {@link #onWritable} of false, and comes after the one of
     * true: time for bulk work that has waited, such as a resend.
     */
    default void onDrained(Session session) {}

    /**
     * The session ended: the last callback, once for every session. It is the only one if the session ended before it
     * was opened. Everything that was queued is released; what a write is still reading, when that write ends.
     * {@link Session#remoteAddress()} still names the peer, and {@link Session#unwrittenMessages()} and
     * {@link Session#unwrittenBytes()} say what it never got.
     *
     * <p>By default a cause that is no {@link IOException}, what a callback of this listener threw for one, goes to the
     * error handler, so that it is not lost; the death of a loop or of a set of sessions is there already.
     *
     * @param cause the I/O error, the timeout, the exception of a callback, or the death of the loop that ended it;
     *     null if {@link Session#close()} with all written in time, {@link Session#abort()} or the close of the loop
     *     did
     */
    default void onClosed(Session session, @Nullable Throwable cause) {
        session.reportUnheard(cause);
    }

    /**
     * Makes the listeners of connections that are accepted.
     *
     * @param <C> the kind of channel
     */
    @FunctionalInterface
    interface Factory<C extends Channel> {
        /**
         * Returns the listener of a new connection. Called on the thread that accepts, the loop's for one, under no
         * lock; may call anything. What blocks here holds up the connections after this one, on a loop its sessions
         * too. The thread takes back an interrupt that is left behind.
         *
         * @param connection in the mode of its kind, non-blocking on a loop; a short farewell may be written to it here
         *     before it is refused
         * @return null to refuse the connection, which is then closed
         * @throws IOException to refuse it as well, and have the reason reported to the error handler; what else is
         *     thrown does the same
         */
        @Nullable
        SessionListener listenerFor(C connection) throws IOException;
    }
}
