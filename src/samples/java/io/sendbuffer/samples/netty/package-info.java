/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The core inside Netty: Netty's channels write a message without a copy of its bytes.
 *
 * <pre>{@code
 * SendBuffer --> SendBufferByteBuf.of --> a ByteBuf over the same memory --> ChannelGroup, on any thread
 *       |                                                                          |
 *       +------> ctx.write, on the loop's thread --> SendBufferHandler ------> the socket
 * }</pre>
 *
 * <p>Start reading at {@code NettyBroadcast.broadcast}. Netty has queues, loops and groups of its own, so this sample
 * uses only the library's pool and buffers.
 */
@NullMarked
package io.sendbuffer.samples.netty;

import org.jspecify.annotations.NullMarked;
