/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.netty;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.sendbuffer.SendBuffer;

/**
 * Lets the handlers of a pipeline write a {@link SendBuffer} as they write a {@code ByteBuf}: it is written without a
 * copy. Place this handler nearer to the socket than the handlers that write. Any other message passes unchanged.
 *
 * <p><b>Ownership.</b> A write takes a reference of its own, and releases it when Netty is done with the bytes, written
 * or not; see {@link SendBufferByteBuf}. Your reference stays yours, and a write that never gets here, because the
 * channel was closed before or this handler was removed, took none. A buffer that is not sealed fails the write's
 * promise.
 *
 * <p><b>Threads.</b> Write on the thread of the channel's loop, where a write reaches this handler before it returns. A
 * write on another thread is only submitted as a task: such a thread writes {@link SendBufferByteBuf#of}, which is
 * released even if the write never takes place. This handler has no state, so one instance serves all channels.
 */
@Sharable
public final class SendBufferHandler extends ChannelOutboundHandlerAdapter {
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // it is the promise, which the writer already has
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        context.write(message instanceof SendBuffer buffer ? SendBufferByteBuf.of(buffer) : message, promise);
    }
}
