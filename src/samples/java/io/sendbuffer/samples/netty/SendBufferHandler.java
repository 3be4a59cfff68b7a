package io.sendbuffer.samples.netty;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.sendbuffer.SendBuffer;

/**
 * Lets the handlers of a pipeline write a {@link SendBuffer} as they write a {@code ByteBuf}: it goes out without a
 * copy. Put it nearer to the socket than those that write. Whatever else is written passes as it is.
 *
 * <p><b>Ownership.</b> A write takes a reference of its own, and gives it back when Netty is done with the bytes,
 * whether they were written or not; see {@link SendBufferByteBuf}. Yours stays yours, and a write that never comes
 * here, because the channel was closed before or this handler is gone, took nothing. A buffer that is not sealed fails
 * the write's promise.
 *
 * <p><b>Threads.</b> Write on the thread of the channel's loop, where a write is here before it returns. For another
 * thread Netty only takes a note of the write: such a thread writes {@link SendBufferByteBuf#of}, which is released
 * even if the write gets nowhere. This handler has no state, so one serves all channels.
 */
@Sharable
public final class SendBufferHandler extends ChannelOutboundHandlerAdapter {
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // it is the promise, which the writer has
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        context.write(message instanceof SendBuffer buffer ? SendBufferByteBuf.of(buffer) : message, promise);
    }
}
