package io.sendbuffer;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What {@link AgronaViewTest} runs in a JVM that has the flag. Ends with a stack trace and status 1 if a check fails.
 */
final class AgronaViewMain {
    private AgronaViewMain() {}

    /** Runs all checks. */
    public static void main(String[] arguments) {
        try (SendBufferPool pool = Pools.create()) {
            writeThroughTheView(pool);
            endTheViewWithTheSeal(pool);
            endTheViewWithTheLastRelease(pool);
            copyFromAndToAgronaBuffers(pool);
            readThroughTheView(pool);
            require(pool.stats().outstandingBuffers() == 0, "something is outstanding: " + pool.stats());
        }
    }

    private static void writeThroughTheView(SendBufferPool pool) {
        try (SendBuffer before = pool.acquire(3).putUtf8("abc").seal();
                SendBuffer buffer = pool.acquire(100)) {
            MutableDirectBuffer view = buffer.asMutableDirectBuffer();
            require(view == buffer.asMutableDirectBuffer(), "the view was made twice");
            require(view.capacity() == 100, "the view does not cover the capacity");
            view.putInt(0, 7, ByteOrder.BIG_ENDIAN);
            int length = 4 + view.putStringWithoutLengthUtf8(4, "h\u00e9llo");
            buffer.seal(length);
            require(buffer.getInt(0) == 7, "the int is lost");
            require(buffer.getUtf8(4, length - 4).equals("h\u00e9llo"), "the text is lost");
            require(before.getUtf8(0, 3).equals("abc"), "the view reaches into the neighbor");
            requireOutOfBounds(() -> view.putByte(100, (byte) 1), "a write past the capacity");
        }
    }

    private static void endTheViewWithTheSeal(SendBufferPool pool) {
        try (SendBuffer buffer = pool.acquire(100)) {
            MutableDirectBuffer view = buffer.asMutableDirectBuffer();
            view.putLong(0, -1);
            buffer.seal(8);
            requireOutOfBounds(() -> view.putByte(0, (byte) 1), "a write through the view of a sealed buffer");
            requireOutOfBounds(() -> view.getByte(0), "a read through the view of a sealed buffer");
            require(buffer.getLong(0) == -1, "a sealed byte changed");
        }
    }

    private static void endTheViewWithTheLastRelease(SendBufferPool pool) {
        SendBuffer buffer = pool.acquire(100);
        MutableDirectBuffer view = buffer.asMutableDirectBuffer();
        buffer.release();
        requireOutOfBounds(() -> view.putByte(0, (byte) 1), "a write through the view of a released buffer");
        try (SendBuffer next = pool.acquire(100)) {
            require(next.asMutableDirectBuffer() != view, "a view outlived its buffer");
        }
    }

    private static void copyFromAndToAgronaBuffers(SendBufferPool pool) {
        UnsafeBuffer source = new UnsafeBuffer("0123456789".getBytes(StandardCharsets.US_ASCII));
        try (SendBuffer buffer = pool.acquire(20)) {
            buffer.putBytes(source, 2, 8).putBytes(0, source, 0, 2);
            require(buffer.length() == 8, "the length is " + buffer.length());
            requireOutOfBounds(() -> buffer.putBytes(source, 8, 3), "a read past the source");
            requireOutOfBounds(() -> buffer.putBytes(11, source, 0, 10), "a write past the capacity");
            require(buffer.length() == 8, "a refused write moved the length");
            buffer.seal();
            require(buffer.getUtf8(0, 8).equals("01456789"), "the bytes are " + buffer.getUtf8(0, 8));

            UnsafeBuffer target = new UnsafeBuffer(new byte[5]);
            buffer.getBytes(2, target, 1, 3);
            require(target.getStringWithoutLengthAscii(1, 3).equals("456"), "the copy is wrong");
            require(target.getByte(0) == 0 && target.getByte(4) == 0, "the copy is too long");
            requireOutOfBounds(() -> buffer.getBytes(0, target, 3, 3), "a write past the target");
        }
    }

    private static void readThroughTheView(SendBufferPool pool) {
        try (SendBuffer buffer = pool.acquire(20).putUtf8("sealed")) {
            DirectBuffer view = buffer.seal().asDirectBuffer();
            require(view.capacity() == 6, "the view shows more than the message");
            require(view.getStringWithoutLengthUtf8(0, 6).equals("sealed"), "the view shows something else");
            try (SendBuffer copy = pool.acquire(20).putBytes(view, 0, 6).seal()) {
                require(copy.getUtf8(0, 6).equals("sealed"), "the copy of the view is wrong");
            }
        }
    }

    private static void requireOutOfBounds(Runnable access, String what) {
        try {
            access.run();
        } catch (IndexOutOfBoundsException expected) {
            return;
        }
        throw new AssertionError(what + " was not refused");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
