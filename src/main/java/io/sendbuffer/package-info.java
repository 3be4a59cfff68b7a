/**
 * The core: off-heap memory, the reference-counted buffer, and the queue that drains into a gathering channel.
 *
 * <p>A message is written <em>once</em>. Every receiver's queue holds a reference to those same bytes, one drainer at a
 * time hands them to a gathering write, and the memory comes back exactly once, when the last reference is released.
 *
 * <pre>{@code
 * acquire --> write --> seal --> offer --> queue --> drain --> gathering write --> complete --> release --> recycle
 * '-- SendBufferPool, SendBuffer --'      '----- SendQueue, one per receiver ----------'      '- SendBuffer, Chunk -'
 * }</pre>
 *
 * <p>The way has one direction and this package knows no socket, selector or thread: {@link io.sendbuffer.SendQueue}
 * drains into any {@link java.nio.channels.GatheringByteChannel} that it is given. Sessions over real channels are in
 * {@code io.sendbuffer.session}, built on the public API of this package alone.
 *
 * <h2>The rooms</h2>
 *
 * <ul>
 *   <li>Memory: {@link io.sendbuffer.SendBufferPool} routes an acquire to the caller's {@code Carver}, which bumps an
 *       index in its current {@code Chunk}; {@code ChunkStore} keeps the free chunks and the cap.
 *   <li>Message: {@link io.sendbuffer.SendBuffer}, a slice of a chunk with a {@code RefCounted} life, read relatively
 *       through {@link io.sendbuffer.SendBufferReader}.
 *   <li>Sending: {@link io.sendbuffer.SendQueue} with its {@code MessageRing} (what waits), {@code GatherWindow} (what
 *       is being written) and {@code DrainWord} (who may write).
 * </ul>
 *
 * <h2>Ownership</h2>
 *
 * <p>One rule: whoever acquires or retains, releases. {@link io.sendbuffer.SendQueue#offer offer} takes a reference of
 * its own when it accepts; the caller keeps its reference and releases it, best by try-with-resources.
 *
 * <h2>Synchronization</h2>
 *
 * <p>Locks, in the order in which they may be taken: a stripe's lock, then {@code ChunkStore}'s. A queue's lock is
 * never held together with another one, across a system call, or across a callback.
 *
 * <table>
 *   <caption>Shared state: who owns it, how it is accessed, why that is enough</caption>
 *   <tr><th>field</th><th>written by</th><th>access</th><th>why</th></tr>
 *   <tr><td>{@code RefCounted.refCount}</td><td>any thread that holds a reference</td><td>volatile read, compare-and-set;
 *       plain when the slice is carved</td><td>the compare-and-set that reaches zero elects the one thread that frees;
 *       a carved slice is published by its owner, who has the only reference</td></tr>
 *   <tr><td>{@code Chunk.live}</td><td>any releasing thread; its owner when it retires the chunk</td><td>get-and-add</td>
 *       <td>the add that reaches zero elects the one thread that recycles; the owner's bias keeps a current chunk above
 *       zero</td></tr>
 *   <tr><td>{@code Chunk.carved}, {@code Chunk.position}</td><td>the owner of the current chunk: one thread, or the holder
 *       of the stripe's lock; under the store's lock when it is retired</td><td>plain by the owner, opaque by a
 *       snapshot</td><td>one writer at a time; a snapshot may be a moment old</td></tr>
 *   <tr><td>{@code Carver.current}</td><td>its owner, a reaper of dead threads, close; always under the store's
 *       lock</td><td>plain by the owner</td><td>close may clear it while the owner carves: the owner then carves its last
 *       slice from a chunk that is not reused</td></tr>
 *   <tr><td>{@code SendBuffer} bytes and length</td><td>the one writer, before the seal</td><td>plain</td><td>published by
 *       the queue's lock, or by whatever hands the buffer over</td></tr>
 *   <tr><td>{@code ViewCache} slots</td><td>drainers</td><td>compare-and-set to take and to put back</td><td>a taken view
 *       is in no slot, so it has one user</td></tr>
 *   <tr><td>{@code ChunkStore.closed}</td><td>close, under the store's lock</td><td>volatile</td><td>an acquire that
 *       starts after close returned sees it; every recycle looks again under the lock</td></tr>
 *   <tr><td>{@code MessageRing}, queue counters, {@code closed}</td><td>any thread</td><td>the queue's lock</td>
 *       <td>held for a few instructions</td></tr>
 *   <tr><td>{@code DrainWord}</td><td>drainer, close</td><td>compare-and-set, volatile</td><td>see there for the state
 *       machine</td></tr>
 *   <tr><td>{@code GatherWindow}, {@code SendQueue.writePending}</td><td>the thread that claimed the drain word</td><td>plain</td><td>leaving and claiming
 *       the word order one drainer after the other</td></tr>
 * </table>
 */
@NullMarked
package io.sendbuffer;

import org.jspecify.annotations.NullMarked;
