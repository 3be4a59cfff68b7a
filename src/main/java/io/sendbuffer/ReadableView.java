/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;

/** The Agrona view of a sealed message: it is read-only, and so is its {@link #byteBuffer()}. */
final class ReadableView extends TextView {
    ReadableView(ByteBuffer memory, int offset, int length) {
        super(memory, offset, length);
    }

    /**
     * The message alone, read-only; a new buffer for each call. An Agrona buffer that wraps this view keeps it, and so
     * the memory stays mapped for as long as the address is used.
     */
    @Override
    public ByteBuffer byteBuffer() {
        return memory.slice(offset, capacity()).asReadOnlyBuffer();
    }

    /** For code that copies out of here by address, as Aeron does. */
    @Override
    public long addressOffset() {
        return AgronaViews.address(memory) + offset;
    }

    @Override
    public String toString() {
        return "ReadableView[" + capacity() + " bytes]";
    }
}
