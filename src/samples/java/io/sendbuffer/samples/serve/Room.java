package io.sendbuffer.samples.serve;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Who hears whom. Everything here but {@link #close()} runs on the loop's thread. */
final class Room {
    private final SendBufferPool pool;
    private final Notices notices;
    private final PrintStream console;

    /**
     * Sessions leave their groups by themselves when they end. One with a full queue does not read; it is closed, since
     * its stream would have a gap from here on.
     */
    private final SessionGroup everyone = new SessionGroup(Session::abort);

    /** Those among them whose input ended. */
    private final SessionGroup listeners = new SessionGroup();

    private long lines;
    private volatile boolean closing;

    Room(SendBufferPool pool, Notices notices, PrintStream console) {
        this.pool = pool;
        this.notices = notices;
        this.console = console;
    }

    /** Writes a line once, and sends those bytes to all others. */
    void say(Session sender, Client who, ByteBuffer line) {
        int size = who.prefix().length() + line.remaining() + 1;
        try (SendBuffer message = pool.tryAcquire(size)) {
            if (message == null) {
                tell(sender, notices.outOfMemory); // the pool is full of what slow readers have not read yet
                return;
            }
            message.putAscii(who.prefix()).putBytes(line).putByte('\n');
            everyone.broadcast(message.seal(), member -> member != sender);
            lines++;
        } // ours ends here; the memory is free again when the last of them was written to
    }

    private void tell(Session session, SendBuffer line) {
        if (session.send(line) == OfferResult.REFUSED) {
            session.abort(); // it does not read
        }
    }

    void refuseLongLine(Session sender) {
        tell(sender, notices.lineTooLong);
    }

    // ---- coming and going

    void enter(Session session, Client who) {
        console.println(who + " connected from " + session.remoteAddress());
        everyone.add(session);
        String welcome = "* welcome, " + here() + " here; type a line and all others see it";
        try (SendBuffer message = notice(welcome)) {
            if (message != null) {
                tell(session, message);
            }
        }
        announce(session, who + " joined, ");
    }

    /** Its input ended: it is not here for the others any more, but hears them. */
    void listenOnly(Session session, Client who) {
        console.println(who + " ended its input");
        listeners.add(session);
        tell(session, notices.inputEnded);
        announce(session, who + " left, ");
    }

    void leave(Session session, Client who, boolean unannounced, @Nullable Throwable cause) {
        if (closing) {
            return; // all leave now, and nobody is left to be told
        }
        console.println(who + " disconnected: " + reason(cause));
        if (unannounced) {
            announce(session, who + " left, ");
        }
    }

    /** A listener that left altogether is found by writing to it; without that it would keep its place forever. */
    void makeRoom() {
        listeners.broadcast(notices.makeRoom);
    }

    /**
     * Says goodbye. Any thread. The loop's write mode is INLINE: whoever broadcasts also writes, so the words are out
     * before the connections close.
     */
    void close() {
        closing = true;
        everyone.broadcast(notices.closing);
    }

    /** How many lines were said. */
    long lines() {
        return lines;
    }

    private int here() {
        return everyone.size() - listeners.size();
    }

    private void announce(Session about, String event) {
        try (SendBuffer message = notice("* " + event + here() + " here")) {
            if (message != null) {
                everyone.broadcast(message, member -> member != about);
            }
        }
    }

    /** Null when the pool is exhausted: one such notice less does no harm. */
    private @Nullable SendBuffer notice(String text) {
        SendBuffer message = pool.tryAcquire(text.length() + 1);
        return message == null ? null : message.putAscii(text).putByte('\n').seal();
    }

    private static String reason(@Nullable Throwable cause) {
        if (cause == null) {
            return "does not read, its queue is full"; // nothing else makes the room close a session
        }
        return cause instanceof IOException ? String.valueOf(cause.getMessage()) : cause.toString();
    }
}
