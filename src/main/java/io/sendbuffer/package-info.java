/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Messages that many receivers share: a pool of off-heap memory, a reference-counted buffer, and the queue of one
 * receiver, which drains into a gathering channel.
 *
 * <pre>{@code
 * acquire --> write --> seal --> offer --> drain --> gathering write --> release --> the memory is back
 * '-- SendBufferPool, SendBuffer --'      '-- SendQueue, one for each receiver --'
 * }</pre>
 *
 * <p>A message is written <em>once</em>. Each receiver's queue holds a reference to those same bytes, one drainer at a
 * time hands them to a gathering write, and the memory comes back exactly once, when the last reference is released.
 *
 * <pre>{@code
 * SendBufferPool pool = SendBufferPool.builder().build();    // one for the server
 * SendQueue queue = new SendQueue();                         // one for each receiver
 *
 * try (SendBuffer message = pool.acquire(64)) {              // one reference, which is ours
 *     message.putLong(42).seal();                            // written once
 *     queue.offer(message);                                  // the queue takes a reference of its own
 * }                                                          // ours is released here
 * queue.flush(channel);                                      // writes the message, and its memory comes back
 * }</pre>
 *
 * <p>Sessions over real channels, with their threads, limits and ends, are in {@link io.sendbuffer.session}, and what
 * takes frames out of received bytes is in {@link io.sendbuffer.frame}. Use this package alone to send from an event
 * loop of your own: it knows no socket, selector or thread, and {@link io.sendbuffer.SendQueue} drains into any
 * {@link java.nio.channels.GatheringByteChannel}.
 *
 * <h2>Ownership</h2>
 *
 * <p>One rule: the caller that acquires or retains a buffer releases it. {@link io.sendbuffer.SendQueue#offer offer}
 * takes a reference of its own when it accepts; the caller keeps its reference and releases it, best by
 * try-with-resources.
 *
 * <h2>Threads</h2>
 *
 * <table>
 *   <caption>Which threads may use what</caption>
 *   <tr><th>what</th><th>which threads</th></tr>
 *   <tr><td>{@link io.sendbuffer.SendBufferPool}</td><td>any</td></tr>
 *   <tr><td>{@link io.sendbuffer.SendBuffer} before its seal</td><td>one writer at a time</td></tr>
 *   <tr><td>a sealed buffer; {@code retain} and {@code release}</td><td>any that holds a reference</td></tr>
 *   <tr><td>{@link io.sendbuffer.SendQueue}</td><td>any; one at a time drains, for the others a flush is
 *       {@link io.sendbuffer.FlushResult#BUSY}</td></tr>
 *   <tr><td>{@link io.sendbuffer.SendBatch}</td><td>one at a time</td></tr>
 *   <tr><td>{@link io.sendbuffer.BroadcastLog}, {@link io.sendbuffer.Subscription}</td><td>any</td></tr>
 *   <tr><td>{@link io.sendbuffer.LogReader}</td><td>the one that serves it; any subscribes</td></tr>
 * </table>
 *
 * <p>The library calls the user's code under no lock of its own: the channel's write, on the thread that drains; a
 * message's {@link io.sendbuffer.ReleaseListener}, on the thread that releases it last, and never inside another one;
 * the hook of a queue that is shed, on the thread whose acquire found the pool exhausted; the pool's error handler, on
 * the thread that met the error; a {@link io.sendbuffer.SnapshotSource} on the thread that subscribes, a
 * {@link io.sendbuffer.GapNotice} and a {@link io.sendbuffer.LogReceiver} on the one that serves the reader, and its
 * wake-up on the one that appends. A listener or a channel may call anything here, on the same queue too.
 *
 * <p>For maintainers: the rooms of this package, its locks, and a table of each shared field are in
 * {@code src/site/markdown/structure.md} and {@code synchronization.md}.
 */
@NullMarked
package io.sendbuffer;

import org.jspecify.annotations.NullMarked;
