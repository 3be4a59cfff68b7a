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
 *       is being written) and {@code DrainWord} (who may write). A {@link io.sendbuffer.SendBatch} is what is sent
 *       together; neighbors in it go out as one message, whose references a {@code MessageRun} holds.
 * </ul>
 *
 * <h2>Ownership</h2>
 *
 * <p>One rule: whoever acquires or retains, releases. {@link io.sendbuffer.SendQueue#offer offer} takes a reference of
 * its own when it accepts; the caller keeps its reference and releases it, best by try-with-resources.
 *
 * <h2>Synchronization</h2>
 *
 * <p>Accessors name their ordering: {@code stateVolatile}, {@code casState}, {@code carvedPlain}, {@code carvedOpaque};
 * a field that is declared {@code volatile} is so everywhere. The last column names the race tests, in
 * {@code jcstress-tests}.
 *
 * <table>
 *   <caption>Locks, in the order in which they may be taken</caption>
 *   <tr><th>lock</th><th>protects</th><th>held</th></tr>
 *   <tr><td>a stripe's, {@code Carver}</td><td>the stripe and its current chunk</td><td>for one carve, with the new
 *       chunk that it may need; for one seal that gives its tail back; for
 *       one cover of neighbors; all of a pool's, in their order, for one trim or
 *       close</td></tr>
 *   <tr><td>{@code ChunkStore.lock}</td><td>registry, carvers, free list, byte counts, the steps of a chunk's
 *       life</td> <td>once per chunk; never while memory is allocated</td></tr>
 *   <tr><td>{@code SendQueue.lock}, the drain word's own object</td><td>the ring, the counts, the end, and the last look of a drainer</td><td>for
 *       a few instructions; never with another lock, across a write, a release or anybody's code</td></tr>
 * </table>
 *
 * <table>
 *   <caption>Shared state: who writes it, how it is accessed, why that is enough</caption>
 *   <tr><th>field</th><th>written by</th><th>access</th><th>why that is enough</th><th>raced in</th></tr>
 *   <tr><td>{@code RefCounted.refCount}</td><td>any thread that holds a reference; plainly by the carver, when the
 *       slice starts</td><td>volatile read, compare-and-set</td><td>the compare-and-set that reaches zero elects the one
 *       thread that frees; a slice that starts is known to its carver alone</td><td>R1&ndash;R4, R6</td></tr>
 *   <tr><td>SendBuffer's offset, capacity, length, footprint, limits, byte order, view and bytes</td><td>the one
 *       writer, from acquire to seal; the thread that frees it, at the end</td><td>plain</td><td>published by the lock
 *       of the queue that takes it, or by whatever hands the buffer over; a free comes after every reference, through
 *       the count</td><td>R8, R9</td></tr>
 *   <tr><td>{@code SendBuffer.releaseListener}</td><td>the one holder, before the message goes to anybody; the thread
 *       that frees it</td><td>plain</td><td>published as the bytes are, and read by who holds a
 *       reference</td><td>R11</td></tr>
 *   <tr><td>{@code SendBuffer.unwritten}</td><td>a queue that ends before it has written the message; the thread that
 *       frees it</td><td>get-and-add, volatile</td><td>counted before the queue's reference is given back, so all is
 *       counted when the last one is</td><td>R11</td></tr>
 *   <tr><td>{@code Chunk.live}</td><td>its store when it becomes current or is retired, or who made it for one
 *       buffer; any releasing thread</td><td>volatile write, get-and-add, volatile read by a snapshot</td><td>the add
 *       that reaches zero elects the one thread that recycles; the owner's bias keeps a current chunk above
 *       zero</td><td>C1, C4</td></tr>
 *   <tr><td>{@code Chunk.carved}</td><td>the owner of the current chunk; the store that resets it</td><td>plain read
 *       by the owner and by who retires it, opaque write, opaque read by a snapshot</td><td>one writer at a time. A
 *       snapshot may be a moment old: before close only the owner, the holder of the stripe's lock or a reaper acts on
 *       one; after close a chunk is let go that another thread may still be carving, which harms nobody, since it is not
 *       used again and its memory is never unmapped. The owner's release that brings it to zero begins the chunk again:
 *       what other threads release is never counted here, so nothing is alive</td><td>C1, C8</td></tr>
 *   <tr><td>{@code Chunk.position}, {@code slices}, {@code sliceCount}</td><td>the owner of the current chunk, or
 *       who made it for one buffer; whoever resets it, under the store's lock</td><td>plain</td><td>one thread, or the
 *       holder of the stripe's lock; the store's lock hands the chunk from one owner to the next</td><td>C2, C5,
 *       C8</td></tr>
 *   <tr><td>{@code Chunk.carver}</td><td>whoever makes it current, under the store's lock</td><td>plain</td><td>set
 *       before the first slice is carved; who has a slice got it from the carver</td><td>C1</td></tr>
 *   <tr><td>{@code Chunk.current}, {@code registryIndex}, {@code nextFree}</td><td>store</td><td>the store's
 *       lock</td><td>touched once per chunk, not per message</td><td>C3, C4</td></tr>
 *   <tr><td>{@code Carver.current}</td><td>its owner, a reaper of dead threads, close; always under the store's
 *       lock</td><td>plain read by the owner</td><td>close may clear it while the owner carves: the owner then carves
 *       its last slice from a chunk that is not reused. A reaper sees all that a dead thread did</td><td>C4,
 *       C7</td></tr>
 *   <tr><td>{@code Carver.lookUps}</td><td>its owner</td><td>plain</td><td>one thread</td><td></td></tr>
 *   <tr><td>{@code SendBufferPool.frequent}</td><td>any platform thread that acquires, now and then, with its own
 *       carver</td><td>plain</td><td>a hint: who reads it compares {@code Carver.owner} with itself, and that is final.
 *       Whatever it reads is a carver that it may use, or not its own; nothing else of a carver is touched by another
 *       thread</td><td>C9</td></tr>
 *   <tr><td>ChunkStore's registry, carvers, free list, byte counts</td><td>any thread that needs or returns a
 *       chunk</td><td>the store's lock</td><td>one list and one sum for all: what is checked is what is
 *       changed</td><td>C3, C6, C7</td></tr>
 *   <tr><td>{@code ChunkStore.closed}</td><td>close, under the store's lock</td><td>volatile</td><td>an acquire that
 *       starts after close returned sees it; every recycle looks again under the lock</td><td>C4</td></tr>
 *   <tr><td>{@code SendBufferPool.refusedAcquires}</td><td>any thread</td><td>LongAdder</td><td>a
 *       statistic</td><td></td></tr>
 *   <tr><td>{@code ViewCache.slots}</td><td>drainers</td><td>opaque read, compare-and-set to take and to put
 *       back</td><td>a taken view is in no slot, so it has one user; the compare-and-set hands over its position and
 *       limit</td><td>V1, V2, R10</td></tr>
 *   <tr><td>SendQueue's ring, counters, finishing, closed, failure</td><td>any thread</td><td>the queue's
 *       lock</td><td>what is offered, what is closed, what is the last message and whether a drainer may leave are
 *       decided in one order: who finishes the queue and then flushes finds nobody draining, or a drainer that has its
 *       last look before it. A batch is added under one hold of the lock</td><td>R5, Q1, Q3, Q6, Q7, Q14, Q17,
 *       Q19</td></tr>
 *   <tr><td>{@code DrainWord.state}</td><td>drainers, close</td><td>compare-and-set, volatile</td><td>see
 *       below</td><td>Q1, Q2, Q4&ndash;Q7, Q17,
 *       Q18</td></tr>
 *   <tr><td>{@code GatherWindow}, {@code SendQueue.writePending}</td><td>the thread that claimed the drain word;
 *       after a begun write, the thread that completes it; the one that closes a queue at
 *       rest</td><td>plain</td><td>leaving and claiming the word order one drainer after the other; the channel orders
 *       the completion after the begin</td><td>Q4, Q8&ndash;Q11, Q18</td></tr>
 *   <tr><td>{@code FreeRuns.givenBack}</td><td>who releases a run's message last pushes; the batch takes
 *       all</td><td>compare-and-set, get-and-set, volatile</td><td>pushed after the covered messages were given back:
 *       a batch that takes the run may use it again</td><td>R12</td></tr>
 *   <tr><td>MessageRun's messages and size</td><td>the batch; who releases the run's message last</td><td>plain</td>
 *       <td>the count of that message hands them over, {@code givenBack} hands them back, with {@code nextFree}</td><td>R12</td></tr>
 *   <tr><td>{@code SendBatch}, {@code FreeRuns.spare}, {@code places}</td><td>the thread that
 *       sends</td><td>plain</td><td>one thread at a time; a queue copies what it takes under its lock</td><td>R5, Q19</td></tr>
 * </table>
 *
 * <table>
 *   <caption>The steps of the drain word; its states are drawn at {@code DrainWord}</caption>
 *   <tr><th>step</th><th>who</th><th>what it gives</th></tr>
 *   <tr><td>IDLE to DRAINING</td><td>any flush or begin</td><td>the window and the channel, until the drain is
 *       left</td></tr>
 *   <tr><td>DRAINING to IDLE</td><td>the drainer: under the queue's lock if it found nothing more and the queue does
 *       not finish, or with a rest in the window if the channel is full or its turn is over</td><td>whoever comes next
 *       may drain. What was offered before the step was found, or, with a rest, waits for the flush that follows when
 *       the channel is ready, or soon</td></tr>
 *   <tr><td>IDLE to CLOSED</td><td>close</td><td>the closer owns the window and releases it</td></tr>
 *   <tr><td>DRAINING to CLOSING</td><td>close</td><td>nothing: the drainer, or the completion of the pending write,
 *       ends the queue when its write returned</td></tr>
 *   <tr><td>DRAINING or CLOSING to CLOSED</td><td>the drainer or the completion, after it released the window: its
 *       write failed, the queue was closed, or it finishes and all is written</td><td>the end</td></tr>
 * </table>
 *
 * <p>Calls to the user's code, all under no lock: the channel's write, by the drainer; a message's
 * {@link io.sendbuffer.ReleaseListener}, by the thread that releases it last; the pool's error handler, by the thread
 * that closes the pool, or whose listener threw; and what a caller hands to a read or a write of a buffer (a text, a
 * buffer), by that caller. The first three may call anything here, on the same queue too (Q11, Q12).
 */
@NullMarked
package io.sendbuffer;

import org.jspecify.annotations.NullMarked;
