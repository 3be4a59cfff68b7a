package io.sendbuffer;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;

/**
 * A channel that remembers what it was given: each byte is a decimal digit, and {@link #digits} shows them in order.
 *
 * <p>Its fields are opaque or plain, so that it orders nothing between two writers, and two writes at once show up as
 * an overlap, or as digits lost.
 */
public final class Wire implements GatheringByteChannel {
    private static final VarHandle WRITERS;

    static {
        try {
            WRITERS = MethodHandles.lookup().findVarHandle(Wire.class, "writers", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** One for all, and without a trace: a trace for each of millions would be all that is measured. */
    private static final IOException BROKEN = new IOException("broken on purpose") {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    };

    /** More than any test needs: a drain gone mad ends here, and not in a time-out. */
    private static final int MOST_WRITES = 50;

    private final int mostPerWrite;
    private final boolean broken;

    private int writes;
    private int writers;
    private long digits;
    private int overlaps;

    private Wire(int mostPerWrite, boolean broken) {
        this.mostPerWrite = mostPerWrite;
        this.broken = broken;
    }

    /** Takes all that it is given. */
    public static Wire whole() {
        return new Wire(Integer.MAX_VALUE, false);
    }

    /** Takes so many bytes of each write at most. */
    public static Wire taking(int mostPerWrite) {
        return new Wire(mostPerWrite, false);
    }

    /** Fails with every write. */
    public static Wire broken() {
        return new Wire(0, true);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        enter();
        int written = take(source, mostPerWrite);
        leave();
        return written;
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        enter();
        int written = 0;
        for (int i = offset; i < offset + length; i++) {
            written += take(sources[i], mostPerWrite - written);
        }
        leave();
        return written;
    }

    private int take(ByteBuffer source, int most) throws IOException {
        if (broken) {
            throw BROKEN;
        }
        int taken = 0;
        while (taken < most && source.hasRemaining()) {
            digits = digits * 10 + source.get();
            taken++;
        }
        return taken;
    }

    private void enter() {
        if (++writes > MOST_WRITES) {
            throw new AssertionError("the drain does not end");
        }
        if ((int) WRITERS.getOpaque(this) != 0) {
            overlaps++;
        }
        WRITERS.setOpaque(this, 1);
    }

    private void leave() {
        WRITERS.setOpaque(this, 0);
    }

    /** All digits in the order in which they were written. For the arbiter. */
    public long digits() {
        return digits;
    }

    /** How many writes found another one under way. For the arbiter. */
    public int overlaps() {
        return overlaps;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
