/**
 * The core inside of Netty: a message goes out through Netty's channels, without a copy of its bytes.
 *
 * <pre>{@code
 * SendBuffer --> SendBufferByteBuf.of --> a ByteBuf over the same memory --> ChannelGroup, on any thread
 *       |                                                                          |
 *       +------> ctx.write, on the loop's thread --> SendBufferHandler ------> the socket
 * }</pre>
 *
 * <p>Start reading at {@code NettyBroadcast.broadcast}. Netty has queues, loops and groups of its own, so of the
 * library it takes the pool and the buffers alone.
 */
@NullMarked
package io.sendbuffer.samples.netty;

import org.jspecify.annotations.NullMarked;
