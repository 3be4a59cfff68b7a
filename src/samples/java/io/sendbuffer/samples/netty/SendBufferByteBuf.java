/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sendbuffer.SendBuffer;

/**
 * A sealed message as a {@link ByteBuf}: read-only, direct, over the same memory, so that Netty's transports write it
 * without a copy.
 *
 * <p><b>Ownership.</b> The {@code ByteBuf} has a reference of its own to the message, and releases it with its own last
 * release: when Netty has written it, has failed to, or has dropped it. Your reference stays yours.
 *
 * <p>Why the release of the {@code ByteBuf}, and not a listener on the promise of the write: a promise may be done, for
 * instance because it was canceled, while a handler still holds the bytes, which would then belong to another message;
 * and Netty releases some writes without completing their promise.
 *
 * <p><b>Threads.</b> As with any {@code ByteBuf}: any thread may retain and release it, and its
 * {@link ByteBuf#retainedDuplicate() duplicates} may be read by several threads, each by one.
 */
public final class SendBufferByteBuf extends CompositeByteBuf {
    private final SendBuffer message;

    private SendBufferByteBuf(SendBuffer message, ByteBuf bytes) {
        super(UnpooledByteBufAllocator.DEFAULT, true, 1, bytes);
        this.message = message;
    }

    /**
     * Creates a {@code ByteBuf} of a message, with a reference of its own. Its receiver releases it, as all of Netty's
     * writes do.
     *
     * @param message a sealed buffer that the caller holds a reference to, and keeps
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time; nothing is taken
     *     then
     */
    public static ByteBuf of(SendBuffer message) {
        ByteBuf bytes = Unpooled.wrappedBuffer(message.asReadOnlyByteBuffer());
        message.retain();
        return new SendBufferByteBuf(message, bytes).asReadOnly();
    }

    /** Called once, by the last release. */
    @Override
    protected void deallocate() {
        super.deallocate();
        message.release();
    }
}
