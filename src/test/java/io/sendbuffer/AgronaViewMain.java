/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What {@link AgronaViewTest} runs in JVMs with and without Agrona's flags. Ends with a stack trace and status 1 if a
 * check fails.
 */
final class AgronaViewMain {
    private AgronaViewMain() {}

    /** Runs all checks; for a JVM with the options that Agrona's own buffers need. */
    public static void main(String[] arguments) {
        try (SendBufferPool pool = Pools.create()) {
            checkViews(pool);
            copyFromAndToAgronaBuffers(pool);
            readByAddress(pool);
            require(pool.stats().outstandingBuffers() == 0, "something is outstanding: " + pool.stats());
        }
    }

    /** The checks that need no flag. */
    static void checkViews(SendBufferPool pool) {
        writeThroughTheView(pool);
        endTheViewWithTheSeal(pool);
        endTheViewWithTheLastRelease(pool);
        readThroughTheView(pool);
        misuseTheByteBuffer(pool);
        misuseTheView(pool);
    }

    private static void writeThroughTheView(SendBufferPool pool) {
        try (SendBuffer before = pool.acquire(3).putUtf8("abc").seal();
                SendBuffer buffer = pool.acquire(100)) {
            MutableDirectBuffer view = buffer.asMutableDirectBuffer();
            require(view == buffer.asMutableDirectBuffer(), "the view was made twice");
            require(view.capacity() == 100, "the view does not cover the capacity");
            view.putInt(0, 7, ByteOrder.BIG_ENDIAN);
            int length = 4 + view.putStringWithoutLengthUtf8(4, "h\u00e9llo");
            requireOutOfBounds(() -> view.putByte(100, (byte) 1), "a write past the capacity");
            requireOutOfBounds(() -> view.putByte(-1, (byte) 1), "a write before the start");
            requireOutOfBounds(() -> view.putLong(93, 1), "a write across the end");
            requireOutOfBounds(() -> view.setMemory(1, Integer.MAX_VALUE, (byte) 1), "a fill past the capacity");
            requireOutOfBounds(() -> view.putBytes(-2, new byte[3]), "a copy before the start");
            buffer.seal(length);
            require(buffer.getInt(0) == 7, "the int is lost");
            require(buffer.getUtf8(4, length - 4).equals("h\u00e9llo"), "the text is lost");
            require(before.getUtf8(0, 3).equals("abc"), "the view reaches into the neighbor");
        }
    }

    private static void endTheViewWithTheSeal(SendBufferPool pool) {
        try (SendBuffer buffer = pool.acquire(100)) {
            MutableDirectBuffer view = buffer.asMutableDirectBuffer();
            view.putLong(0, -1);
            buffer.seal(8);
            requireEnded(view);
            require(buffer.getLong(0) == -1, "a sealed byte changed");
        }
    }

    private static void endTheViewWithTheLastRelease(SendBufferPool pool) {
        SendBuffer buffer = pool.acquire(100);
        MutableDirectBuffer view = buffer.asMutableDirectBuffer();
        buffer.release();
        try (SendBuffer next = pool.acquire(100)) {
            require(next.asMutableDirectBuffer() != view, "a view outlived its buffer");
            next.putLong(-1);
            requireEnded(view);
            require(next.getLong(0) == -1, "a stale view wrote to another message");
        }
    }

    private static void requireEnded(MutableDirectBuffer view) {
        require(view.capacity() == 0, "an ended view has a capacity");
        requireOutOfBounds(() -> view.putByte(0, (byte) 1), "a write of a byte");
        requireOutOfBounds(() -> view.putLong(0, 1), "a write of a long");
        requireOutOfBounds(() -> view.putLong(1 << 30, 1), "a write far away");
        requireOutOfBounds(() -> view.putBytes(0, new byte[0]), "a write of nothing");
        requireOutOfBounds(() -> view.putBytes(0, ByteBuffer.allocate(4), 4), "a write of a buffer");
        requireOutOfBounds(() -> view.setMemory(0, 8, (byte) 1), "a fill");
        requireOutOfBounds(() -> view.putStringAscii(0, "text"), "a write of text");
        requireOutOfBounds(() -> view.putStringUtf8(0, ""), "a write of empty text");
        requireOutOfBounds(() -> view.putIntAscii(0, 12), "a write of a number");
        requireOutOfBounds(() -> view.getByte(0), "a read of a byte");
        requireOutOfBounds(() -> view.getBytes(0, new byte[1]), "a read of bytes");
        requireOutOfBounds(() -> view.getStringUtf8(0), "a read of text");
        requireOutOfBounds(() -> view.parseIntAscii(0, 1), "a read of a number");
        requireUnsupported(view::addressOffset, "the address of an ended view");
        require(view.byteBuffer() == null, "an ended view gives its memory away");
        require(view.hashCode() == 19, "an ended view has a content");
    }

    private static void readThroughTheView(SendBufferPool pool) {
        try (SendBuffer buffer = pool.acquire(20).putUtf8("sealed")) {
            DirectBuffer view = buffer.seal().asDirectBuffer();
            require(!(view instanceof MutableDirectBuffer), "a sealed message can be written to");
            require(view.capacity() == 6, "the view shows more than the message");
            require(view.getStringWithoutLengthUtf8(0, 6).equals("sealed"), "the view shows something else");
            requireOutOfBounds(() -> view.getByte(6), "a read past the message");
            requireOutOfBounds(() -> view.getByte(-1), "a read before the message");
            try (SendBuffer copy = pool.acquire(20).putBytes(view, 0, 6).seal()) {
                require(copy.getUtf8(0, 6).equals("sealed"), "the copy of the view is wrong");
                require(copy.asDirectBuffer().equals(view), "the same bytes are not equal");
            }
        }
    }

    /** The case reported in the issue: it wrote to the chunk, and swapped all later ints in it. */
    private static void misuseTheByteBuffer(SendBufferPool pool) {
        try (SendBuffer other = pool.acquire(8).putLong(1).seal();
                SendBuffer buffer = pool.acquire(8).putLong(2).seal();
                SendBuffer later = pool.acquire(8)) {
            DirectBuffer view = buffer.asDirectBuffer();
            for (ByteBuffer behind : new ByteBuffer[] {view.byteBuffer(), buffer.asReadOnlyByteBuffer()}) {
                require(behind.isReadOnly() && behind.capacity() == 8, "more than the message, or writable: " + behind);
                requireReadOnly(() -> behind.putLong(0, -1));
                requireReadOnly(() -> behind.duplicate().putLong(0, -1));
                behind.order(ByteOrder.LITTLE_ENDIAN).limit(3).position(2);
                requireIllegal(() -> BufferUtil.free(behind), "the memory of a message was freed");
            }
            require(view.byteBuffer().order() == ByteOrder.BIG_ENDIAN, "another caller's order");
            require(view.byteBuffer().remaining() == 8, "another caller's limit");
            require(view.getLong(0, ByteOrder.BIG_ENDIAN) == 2, "the view was swapped");
            require(other.getLong(0) == 1 && buffer.getLong(0) == 2, "a sealed message changed");
            require(later.putInt(3).seal().getInt(0) == 3, "the chunk was swapped");
            require(later.asReadOnlyByteBuffer().getInt() == 3, "the chunk was swapped");
        }
    }

    private static void misuseTheView(SendBufferPool pool) {
        try (SendBuffer buffer = pool.acquire(8).putLong(2)) {
            requireFixed(buffer.asMutableDirectBuffer());
            requireUnsupported(() -> buffer.asMutableDirectBuffer().addressOffset(), "an address to write to");
            require(buffer.asMutableDirectBuffer().byteBuffer() == null, "a buffer that outlives the seal");
            requireFixed(buffer.seal().asDirectBuffer());
            require(buffer.getLong(0) == 2, "the message changed");
        }
    }

    private static void requireFixed(DirectBuffer view) {
        requireUnsupported(() -> view.wrap(new byte[100]), "an array");
        requireUnsupported(() -> view.wrap(new byte[100], 1, 2), "a part of an array");
        requireUnsupported(() -> view.wrap(ByteBuffer.allocateDirect(100)), "a ByteBuffer");
        requireUnsupported(() -> view.wrap(ByteBuffer.allocateDirect(100), 1, 2), "a part of a ByteBuffer");
        requireUnsupported(() -> view.wrap(view), "a view");
        requireUnsupported(() -> view.wrap(view, 0, 1), "a part of a view");
        requireUnsupported(() -> view.wrap(0L, Integer.MAX_VALUE), "an address");
        require(view.capacity() == 8, "the view covers something else");
    }

    // ---- with Agrona's own buffers

    private static void copyFromAndToAgronaBuffers(SendBufferPool pool) {
        byte[] digits = "0123456789".getBytes(StandardCharsets.US_ASCII);
        UnsafeBuffer direct = new UnsafeBuffer(ByteBuffer.allocateDirect(20).limit(5), 3, 10);
        direct.putBytes(0, digits);
        ExpandableArrayBuffer expandable = new ExpandableArrayBuffer();
        expandable.putBytes(0, digits);
        ExpandableDirectByteBuffer expandableDirect = new ExpandableDirectByteBuffer();
        expandableDirect.putBytes(0, digits);
        copyFrom(pool, new UnsafeBuffer(digits), true);
        copyFrom(pool, direct, true);
        copyFrom(pool, new UnsafeBuffer(direct), true);
        copyFrom(pool, new UnsafeBuffer(direct.addressOffset(), 10), true);
        copyFrom(pool, expandable, false);
        copyFrom(pool, expandableDirect, false);

        copyTo(pool, new UnsafeBuffer(new byte[9], 2, 5), true);
        copyTo(pool, new UnsafeBuffer(ByteBuffer.allocateDirect(9).limit(2), 2, 5), true);
        copyTo(pool, new UnsafeBuffer(direct.addressOffset(), 5), true);
        copyTo(pool, new ExpandableArrayBuffer(2), false);
        copyTo(pool, new ExpandableDirectByteBuffer(2), false);
    }

    private static void copyFrom(SendBufferPool pool, MutableDirectBuffer source, boolean fixed) {
        try (SendBuffer buffer = pool.acquire(20)) {
            buffer.putBytes(source, 2, 8).putBytes(0, source, 0, 2);
            require(buffer.length() == 8, "the length is " + buffer.length());
            if (fixed) {
                requireOutOfBounds(() -> buffer.putBytes(source, 8, 3), "a read past the source");
            }
            requireOutOfBounds(() -> buffer.putBytes(source, -1, 3), "a read before the source");
            requireOutOfBounds(() -> buffer.putBytes(11, source, 0, 10), "a write past the capacity");
            require(buffer.length() == 8, "a refused write moved the length");
            buffer.asMutableDirectBuffer().putBytes(8, source, 4, 3);
            buffer.seal(11);
            require(buffer.getUtf8(0, 11).equals("01456789456"), "the bytes are " + buffer.getUtf8(0, 11));
        }
    }

    private static void copyTo(SendBufferPool pool, MutableDirectBuffer target, boolean fixed) {
        try (SendBuffer buffer = pool.acquire(20).putAscii("01456789").seal()) {
            target.putByte(0, (byte) 0);
            target.putByte(4, (byte) 0);
            buffer.getBytes(2, target, 1, 3);
            require(target.getStringWithoutLengthAscii(1, 3).equals("456"), "the copy is wrong");
            buffer.asDirectBuffer().getBytes(1, target, 2, 2);
            require(target.getStringWithoutLengthAscii(1, 3).equals("414"), "the copy of the view is wrong");
            require(target.getByte(0) == 0 && target.getByte(4) == 0, "the copy is too long");
            if (fixed) {
                requireOutOfBounds(() -> buffer.getBytes(0, target, 3, 3), "a write past the target");
                requireOutOfBounds(() -> buffer.asDirectBuffer().getBytes(0, target, 3, 3), "a write past the target");
            }
        }
    }

    private static void readByAddress(SendBufferPool pool) {
        try (SendBuffer buffer = pool.acquire(20).putAscii("by address").seal()) {
            DirectBuffer view = buffer.asDirectBuffer();
            UnsafeBuffer copy = new UnsafeBuffer(new byte[10]);
            copy.putBytes(0, view, 0, 10);
            require(copy.getStringWithoutLengthAscii(0, 10).equals("by address"), "the copy by address is wrong");
            UnsafeBuffer around = new UnsafeBuffer(view, 3, 7);
            require(around.getStringWithoutLengthAscii(0, 7).equals("address"), "what is wrapped is something else");
            require(around.byteBuffer() != null, "nothing keeps the memory at that address alive");
        }
    }

    // ---- checks

    private static void requireOutOfBounds(Runnable access, String what) {
        requireThrows(IndexOutOfBoundsException.class, access, what);
    }

    private static void requireUnsupported(Runnable access, String what) {
        requireThrows(UnsupportedOperationException.class, access, what);
    }

    private static void requireReadOnly(Runnable access) {
        requireThrows(ReadOnlyBufferException.class, access, "a write to a sealed message");
    }

    private static void requireIllegal(Runnable access, String what) {
        try {
            access.run();
        } catch (IllegalArgumentException | LinkageError expected) {
            return; // memory that another buffer owns; or Agrona lacks its flag
        }
        throw new AssertionError(what + " was not refused");
    }

    private static void requireThrows(Class<? extends Throwable> type, Runnable access, String what) {
        try {
            access.run();
        } catch (Throwable thrown) {
            if (type.isInstance(thrown)) {
                return;
            }
            throw new AssertionError(what + " throws something else", thrown);
        }
        throw new AssertionError(what + " was not refused");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
