/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a chunk's memory and Agrona's buffers, so that no foreign code ever gets hold of the memory itself:
 * the JDK does all copying, with its checks, whatever Agrona's flags are.
 */
final class AgronaViews {
    private static final String FLAG = "--add-exports java.base/jdk.internal.misc=ALL-UNNAMED";

    private AgronaViews() {}

    /** The one thing here that needs a JVM flag; Agrona's class is loaded when the first address is asked for. */
    static long address(ByteBuffer memory) {
        try {
            return BufferUtil.address(memory);
        } catch (LinkageError e) {
            throw new UnsupportedOperationException(
                    "the address of an Agrona view needs the JVM flag " + FLAG
                            + " (Agrona's UnsafeBuffer does); add it to the java command",
                    e);
        }
    }

    /** Copies from an Agrona buffer; the place in the memory is checked already. */
    static void copyIn(DirectBuffer source, int sourceIndex, ByteBuffer memory, int at, int length) {
        if (source instanceof BytesView view) {
            memory.put(at, view.memory, view.toRead(sourceIndex, length), length);
            return;
        }
        source.boundsCheck(sourceIndex, length);
        byte[] array = source.byteArray();
        if (array != null) {
            memory.put(at, array, source.wrapAdjustment() + sourceIndex, length);
            return;
        }
        ByteBuffer buffer = source.byteBuffer();
        if (buffer != null) {
            int from = source.wrapAdjustment() + sourceIndex;
            memory.put(at, reachingTo(buffer, from + length), from, length);
            return;
        }
        byte[] copy = new byte[length]; // the source is only an address, which only it can read
        source.getBytes(sourceIndex, copy, 0, length);
        memory.put(at, copy, 0, length);
    }

    /** Copies into an Agrona buffer; the place in the memory is checked already. */
    static void copyOut(ByteBuffer memory, int from, MutableDirectBuffer target, int targetIndex, int length) {
        if (target instanceof WritableView view) {
            view.memory.put(view.toWrite(targetIndex, length), memory, from, length);
        } else if (!copyOutUnaided(memory, from, target, targetIndex, length)) {
            target.putBytes(targetIndex, memory.slice(from, length).asReadOnlyBuffer(), 0, length);
        }
    }

    /** False if the target has to do it: it grows, or is only an address. */
    private static boolean copyOutUnaided(
            ByteBuffer memory, int from, MutableDirectBuffer target, int targetIndex, int length) {
        if (target.isExpandable() && (targetIndex < 0 || length > target.capacity() - targetIndex)) {
            return false;
        }
        target.boundsCheck(targetIndex, length);
        int to = target.wrapAdjustment() + targetIndex;
        byte[] array = target.byteArray();
        if (array != null) {
            memory.get(from, array, to, length);
            return true;
        }
        ByteBuffer buffer = target.byteBuffer();
        if (buffer == null || buffer.isReadOnly()) {
            return false;
        }
        reachingTo(buffer, to + length).put(to, memory, from, length);
        return true;
    }

    /** Agrona looks at the capacity of a {@link ByteBuffer}, the JDK at its limit. */
    static ByteBuffer reachingTo(ByteBuffer buffer, int end) {
        return end <= buffer.limit() ? buffer : buffer.duplicate().clear();
    }

    /** For Agrona's methods that would wrap a view around other memory. */
    static UnsupportedOperationException fixed() {
        return new UnsupportedOperationException(
                "a view of a SendBuffer is fixed; wrap an Agrona buffer of your own around what you read or write");
    }

    /** Null counts as the order that is not the machine's, as in Agrona. */
    static boolean isSwapped(@Nullable ByteOrder order) {
        return order != BytesView.NATIVE;
    }
}
