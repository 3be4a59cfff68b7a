/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
 * <p>Messages flow in one direction, and this package knows no socket, selector or thread:
 * {@link io.sendbuffer.SendQueue} drains into any {@link java.nio.channels.GatheringByteChannel} that it is given.
 * Sessions over real channels are in {@code io.sendbuffer.session}, built on the public API of this package alone. What
 * both need is in {@code io.sendbuffer.internal}, which no other module sees.
 *
 * <h2>The parts</h2>
 *
 * <ul>
 *   <li>Memory: {@link io.sendbuffer.SendBufferPool} routes an acquire to the caller's {@code ChunkAllocator}, which
 *       bumps an index in its current {@code Chunk}; {@code ChunkStore} keeps the cap, its {@code FreeChunks}, its
 *       {@code ChunkAllocators} and, weakly, {@code DiscardedMemory}. {@code Growth} asks the JVM for more, within its
 *       {@code DirectMemory}; {@code IdleCheck} discards what no thread needs, and {@code CollectionRequests} has the
 *       JVM collect it where its limit is reached.
 *   <li>Message: {@link io.sendbuffer.SendBuffer}, a slice of a chunk with a {@code RefCounted} life, read relatively
 *       through {@link io.sendbuffer.SendBufferReader}.
 *   <li>Sending: {@link io.sendbuffer.SendQueue} with its {@code MessageRing} (what waits), {@code InFlightWindow}
 *       (what is being written) and {@code DrainState} (which thread may write). A {@link io.sendbuffer.SendBatch} is
 *       what is sent together; neighbors in it go out as one message, whose references a {@code CoalescedRun} holds.
 * </ul>
 *
 * <h2>Ownership</h2>
 *
 * <p>One rule: the caller that acquires or retains a buffer releases it. {@link io.sendbuffer.SendQueue#offer offer}
 * takes a reference of its own when it accepts; the caller keeps its reference and releases it, best by
 * try-with-resources.
 *
 * <h2>Synchronization</h2>
 *
 * <p>Accessors name their ordering: {@code stateVolatile}, {@code casState}, {@code allocatedPlain},
 * {@code allocatedOpaque}; a field that is declared {@code volatile} is so everywhere. The last column names the race
 * tests, in {@code jcstress-tests}.
 *
 * <table>
 *   <caption>Locks, in the order in which they may be taken</caption>
 *   <tr><th>lock</th><th>protects</th><th>held</th></tr>
 *   <tr><td>a stripe's monitor, {@code ChunkAllocator}</td><td>the stripe and its current chunk</td><td>for one allocation, never while
 *       memory is allocated; for one seal that gives its tail back; for one cover of neighbors; all of a pool's, in
 *       their order, for one trim or close</td></tr>
 *   <tr><td>{@code ChunkStore.lock}</td><td>registry, allocators, free chunks, byte counts, the steps of a chunk's
 *       life</td><td>once per chunk, for a few steps, and once for each doubling of its slices; for a walk by
 *       statistics, trim and close; never while memory is allocated</td></tr>
 *   <tr><td>{@code DiscardedMemory}'s monitor</td><td>the discarded memory of all pools of the JVM</td><td>once per chunk,
 *       for a few steps; for a walk over all notes once for each doubling of them, or once in a second while the JVM's
 *       limit refuses. The last one to be taken</td></tr>
 *   <tr><td>{@code Holders.lock}</td><td>the queues that a pool knows, and the search among them</td><td>once for the
 *       first message that a queue gets of a pool; for one search, when the pool is exhausted, at most once in 5 ms if
 *       there is no queue to end. Not while a queue ends, nor with a stripe's lock or the store's</td></tr>
 *   <tr><td>{@code SendQueue.lock}, the drain state's own object</td><td>the ring, the counts, the end, and the last
 *       look of a drainer</td><td>for a few instructions, or 64 looks into the ring; after it no other is taken, and
 *       before it none but {@code Holders.lock}; never across a write, a release or a user's code</td></tr>
 * </table>
 *
 * <table>
 *   <caption>Shared state: what writes it, how it is accessed, why that is enough</caption>
 *   <tr><th>field</th><th>written by</th><th>access</th><th>why that is enough</th><th>raced in</th></tr>
 *   <tr><td>{@code RefCounted.refCount}</td><td>any thread that holds a reference; plainly by the allocator, when the
 *       slice starts</td><td>volatile read, compare-and-set</td><td>the compare-and-set that reaches zero elects the
 *       one thread that frees; a slice that starts is known to its allocator alone</td><td>R1&ndash;R4, R6</td></tr>
 *   <tr><td>SendBuffer's offset, capacity, length, footprint, limits, byte order, view and bytes; a writable view's
 *       capacity</td><td>the one writer, from acquire to seal; the thread that frees it, at the
 *       end</td><td>plain</td><td>published by the lock of the queue that takes it, or by whatever hands the buffer
 *       over; a free comes after every reference, through the count</td><td>R8, R9</td></tr>
 *   <tr><td>{@code SendBuffer.releaseListener}</td><td>the one holder, before the message goes to any other thread; the
 *       thread that frees it</td><td>plain</td><td>published as the bytes are, and read by a thread that holds a
 *       reference</td><td>R11</td></tr>
 *   <tr><td>{@code SendBuffer.unwritten}</td><td>a queue that ends before it has written the message; the thread that
 *       frees it</td><td>get-and-add, volatile</td><td>the count happens-before the release of the queue's reference,
 *       so all is counted when the last one is released</td><td>R11</td></tr>
 *   <tr><td>{@code Chunk.live}</td><td>its store when it becomes current or is retired, or the thread that made it for
 *       one buffer; any releasing thread</td><td>volatile write, get-and-add, volatile read by a snapshot</td><td>the
 *       add that reaches zero elects the one thread that recycles; the owner's bias keeps a current chunk above
 *       zero</td><td>C1, C4</td></tr>
 *   <tr><td>{@code Chunk.allocated}</td><td>the owner of the current chunk; the store that resets it</td><td>plain read by
 *       the owner and by the thread that retires it, opaque write, opaque read by a snapshot</td><td>one writer at a
 *       time. A snapshot may be stale: before close only the owner, the holder of the stripe's lock or a reaper acts on
 *       one; after close a chunk may be discarded while another thread is still allocating from it, which does no harm,
 *       since it is current: its memory is not noted as discarded, and never unmapped. The owner's release that brings it to zero begins
 *       the chunk again: what other threads release is never counted here, so nothing is alive</td><td>C1, C8</td></tr>
 *   <tr><td>{@code Chunk.position}, {@code slices}, {@code sliceCount}</td><td>the owner of the current chunk, or the
 *       thread that made it for one buffer; the thread that resets it, under the store's lock</td><td>plain</td><td>one
 *       thread, or the holder of the stripe's lock; the store's lock hands the chunk from one owner to the next. An
 *       acquire that is about to be refused reads {@code position} and {@code sliceCount} of shared chunks without the
 *       lock: a hint, after which it locks the stripe and looks again. A release or a seal that it knows of
 *       happens-before it, so it sees the room that this made</td><td>C2, C5, C8</td></tr>
 *   <tr><td>{@code Chunk.allocator}</td><td>the thread that makes it current, under the store's
 *       lock</td><td>plain</td><td>set before the first slice is allocated; a thread that has a slice got it from the
 *       allocator</td><td>C1</td></tr>
 *   <tr><td>{@code Chunk.current}, {@code registered}, {@code nextRegistered}, {@code previousRegistered}, {@code
 *       nextFree}</td><td>store</td><td>the store's lock; {@code current} plainly by hints, as above</td><td>touched
 *       once per chunk, not per message</td><td>C3, C4</td></tr>
 *   <tr><td>{@code Chunk.heapBytes}</td><td>store</td><td>the store's lock</td><td>counted before the slices array
 *       grows, and counted off with the chunk, under the lock under which the cap is checked</td><td>C12</td></tr>
 *   <tr><td>{@code ChunkAllocator.current}</td><td>its owner, a reaper of dead threads, close; always under the store's
 *       lock</td><td>plain read by the owner, and by hints, as above</td><td>close may clear it while the owner allocates:
 *       the owner then allocates its last slice from a chunk that is not reused. A reaper sees all that a dead thread
 *       did</td><td>C4, C7</td></tr>
 *   <tr><td>{@code ChunkAllocator.busy}</td><td>a thread that is about to allocate from a stripe; the same, when it has
 *       left</td><td>plain read, compare-and-set, plain write</td><td>a hint: the monitor excludes. A thread that reads
 *       an old value allocates from another stripe, or waits for a few instructions</td><td></td></tr>
 *   <tr><td>{@code ChunkAllocator.lookUps}, {@code withoutAsking}</td><td>its owner</td><td>plain</td><td>one
 *       thread</td><td></td></tr>
 *   <tr><td>{@code SendBufferPool.frequent}</td><td>any platform thread that acquires, occasionally, with its own
 *       allocator</td><td>plain</td><td>a hint: a thread that reads it compares {@code ChunkAllocator.owner}, which is final, with
 *       itself. Whatever it reads is an allocator that it may use, or not its own; nothing else of an allocator is touched by
 *       another thread</td><td>C9</td></tr>
 *   <tr><td>ChunkStore's registry, {@code ChunkAllocators}, {@code FreeChunks}, byte counts, {@code ownChunks},
 *       {@code checkScheduled}</td><td>any thread that needs or returns a chunk; the look at idle
 *       memory</td><td>the store's lock</td><td>one list and one sum for all: what is checked is what is changed. What
 *       is reserved for an allocation is given back under the lock, whatever the allocation threw</td><td>C3, C6, C7,
 *       C10, C12, E4</td></tr>
 *   <tr><td>{@code DiscardedMemory}</td><td>a thread that discards a chunk; a thread that needs memory, for any pool of the
 *       JVM</td><td>its monitor, the last that a thread takes</td><td>a piece is taken out under the monitor, with a
 *       strong reference: it has one taker, and the collector takes none that was taken. It is put in after the last
 *       release of the chunk's last slice, if it had any, so what their users did happens-before the next use</td><td>C11</td></tr>
 *   <tr><td>{@code Growth.backOffNanos}, {@code retryAtNanos}</td><td>any thread whose allocation was refused, or
 *       succeeded</td><td>volatile</td><td>a hint for threads that come while there is no back-off: one that misses it
 *       makes one attempt more</td><td>C14</td></tr>
 *   <tr><td>{@code Growth.retrying}</td><td>the thread that tries after a back-off</td><td>compare-and-set,
 *       volatile</td><td>one tries; the write of the next back-off happens-before the clearing, so the next thread to
 *       set it sees that back-off</td><td>C14</td></tr>
 *   <tr><td>{@code DirectMemory.beingAllocated}</td><td>any thread that allocates</td><td>AtomicLong</td><td>each adds
 *       its bytes before it compares, so of two that pass the limit together one sees both. A prediction, not a bound:
 *       the JVM has the last word</td><td>C15</td></tr>
 *   <tr><td>CollectionRequests' {@code dueNanos}, {@code pauseEndNanos}, {@code pauseNanos}, {@code dueInVainNanos}</td><td>a thread that was
 *       refused memory</td><td>its monitor</td><td>the look and the claim are one step, so of two threads one
 *       calls</td><td>C13</td></tr>
 *   <tr><td>{@code ChunkStore.closed}</td><td>close, under the store's lock</td><td>volatile</td><td>an acquire that
 *       starts after close returned sees it; every recycle looks again under the lock</td><td>C4</td></tr>
 *   <tr><td>{@code SendBufferPool.refusedAcquires}</td><td>any thread</td><td>AtomicLong</td><td>a
 *       statistic</td><td></td></tr>
 *   <tr><td>{@code ViewCache.slots}</td><td>drainers</td><td>opaque read, compare-and-set to take and to put
 *       back</td><td>a taken view is in no slot, so it has one user; the compare-and-set hands over its position and
 *       limit</td><td>V1, V2, R10</td></tr>
 *   <tr><td>SendQueue's ring, counters, finishing, closed, failure, unwritten counts</td><td>any thread</td><td>the
 *       queue's lock</td><td>what is offered, what is closed, what is the last message and whether a drainer may leave
 *       are decided in one order: a thread that finishes the queue and then flushes finds no drainer, or one that has
 *       its last look before it. A batch is added under one hold of the lock. What is lost is what is counted when the
 *       queue ends, less what the drainer, which ends it or comes after a close, has written and not counted off
 *       yet</td><td>R5, Q1, Q3, Q6, Q7, Q14, Q17, Q19, Q20</td></tr>
 *   <tr><td>{@code SendQueue.leftBy}</td><td>the drainer that met the end of its stack; the thread that ends the queue
 *       for it</td><td>volatile; taken under the queue's lock</td><td>the write is the drainer's last access to the
 *       window and happens-before the taking, which has one winner. A close that comes just before the write misses
 *       it: the next call of any thread finds it</td><td>Q22</td></tr>
 *   <tr><td>{@code InFlightWindow.written}</td><td>the thread that claimed the drain state</td><td>plain read by the
 *       drainer, opaque write, opaque read by any thread</td><td>one writer at a time, as for the window; a thread that
 *       watches the progress needs nothing else with it, and sees it grow</td><td>Q21</td></tr>
 *   <tr><td>{@code InFlightWindow.oldest}, {@code nextOldest}, {@code waitsSince}</td><td>the thread that claimed the drain state; the one
 *       that closes a queue at rest</td><td>plain read by it, opaque write, opaque read by a search</td><td>one writer
 *       at a time, since both chunks are cleared before the drain is left, and whenever a write took all; {@code
 *       nextOldest} whenever it took anything. A search may see a previous value, or one without the others: it then takes a queue to be slightly more or
 *       less behind than it is, but only at the moment of a write, and so only a queue that moves</td><td>H3</td></tr>
 *   <tr><td>{@code Chunk.age}</td><td>its store, under the store's lock</td><td>opaque write, opaque read</td><td>read
 *       of a chunk that a queue holds a message of, or of one that came back and looks younger</td><td>H3</td></tr>
 *   <tr><td>{@code ChunkStore.handedOut}</td><td>store, under its lock</td><td>opaque write, opaque read by drainers
 *       and searches</td><td>only grows; a slightly stale value is good enough to measure quarters of the
 *       cap</td><td>H1</td></tr>
 *   <tr><td>{@code SendQueue.store}</td><td>any thread that offers, under the queue's lock</td><td>plain read without
 *       it</td><td>a hint: a thread that reads another store, or none, looks into {@code stores} under the lock; a
 *       store is written only when it is in there or closed</td><td>H2</td></tr>
 *   <tr><td>{@code SendQueue.stores}, {@code shed}</td><td>any thread that offers; any search</td><td>the queue's
 *       lock</td><td>what is looked up is what is changed: one thread makes the queue known, one ends it</td><td>H1,
 *       H2</td></tr>
 *   <tr><td>Holders' list and limit</td><td>any thread whose queue is new to the pool; searches read</td><td>the
 *       holders' lock</td><td>seldom touched</td><td>H1, H2</td></tr>
 *   <tr><td>{@code Holders.sheds}</td><td>a search, under the holders' lock</td><td>volatile read before the lock, and
 *       under it</td><td>a thread that waited for the lock while another search found queues to end does not search as
 *       well</td><td>H1</td></tr>
 *   <tr><td>{@code Holders.lastShed}</td><td>a search, under the holders' lock</td><td>volatile</td><td>read under the
 *       lock by the next search, which ends no queue while memory is to come back</td><td>H4</td></tr>
 *   <tr><td>{@code Shed}'s {@code ended}, {@code spared}, {@code deadlineNanos}, {@code ender}</td><td>the thread whose
 *       search it was</td><td>volatile</td><td>set after each queue's end was requested, and after all of them; read by
 *       threads that wait for the memory. The drain state and {@code releasing} show that a queue has given all
 *       back</td><td>H4</td></tr>
 *   <tr><td>{@code Shed.returned}</td><td>any thread that waits</td><td>volatile</td><td>a hint where to continue: all
 *       queues before it have given all back, for good; if the lower of two writes remains, that costs a second
 *       look</td><td>H4</td></tr>
 *   <tr><td>{@code SendQueue.releasing}</td><td>the threads that end the queue</td><td>the queue's
 *       lock</td><td>incremented in the step that takes the messages out, decremented when they are released: a thread
 *       that sees 0 after the end finds the memory</td><td>H4</td></tr>
 *   <tr><td>{@code Holders.Known}'s {@code seenWritten}, {@code seenAtNanos}</td><td>a search</td><td>the holders'
 *       lock</td><td>what the last searches saw of a queue</td><td>H1</td></tr>
 *   <tr><td>{@code Holders.recentEnds}</td><td>a thread that has ended a stalled queue; a search</td><td>the holders'
 *       lock</td><td>those that ended in the last one to two seconds count as receivers in the next
 *       search</td><td>H1</td></tr>
 *   <tr><td>{@code Holders.quietUntilNanos}</td><td>a search that found no queue to end; an acquire that waited in
 *       vain</td><td>volatile</td><td>a hint, moved on only: at worst one search too many, or refusals for 5 ms, or 50 times as long as a search
 *       takes</td><td></td></tr>
 *   <tr><td>{@code DrainState.state}</td><td>drainers, close</td><td>compare-and-set, volatile</td><td>see
 *       below</td><td>Q1, Q2, Q4&ndash;Q7, Q17, Q18</td></tr>
 *   <tr><td>{@code InFlightWindow}, {@code SendQueue.writePending}</td><td>the thread that claimed the drain state; after
 *       a begun write, the thread that completes it; the one that closes a queue at rest, or that takes {@code
 *       leftBy}</td><td>plain</td><td>leaving the word, or storing {@code leftBy}, happens-before the next claim; through the channel, the begin happens-before the
 *       completion</td><td>Q4, Q8&ndash;Q11, Q18</td></tr>
 *   <tr><td>{@code CoalescedRun.FreeList.givenBack}</td><td>the thread that releases a run's message last pushes; the batch takes
 *       all</td><td>compare-and-set, get-and-set, volatile</td><td>the release of the covered messages happens-before
 *       the push: a batch that takes the run may use it again</td><td>R12</td></tr>
 *   <tr><td>CoalescedRun's messages and size</td><td>the batch; the thread that releases the run's message
 *       last</td><td>plain</td><td>the count of that message hands them over, {@code givenBack} hands them back, with
 *       {@code nextFree}</td><td>R12</td></tr>
 *   <tr><td>{@code SendBatch}, {@code CoalescedRun.FreeList.spare}, {@code places}</td><td>the thread that
 *       sends</td><td>plain</td><td>one thread at a time; a queue copies what it takes under its lock</td><td>R5,
 *       Q19</td></tr>
 * </table>
 *
 * <table>
 *   <caption>The steps of the drain state; its states are drawn at {@code DrainState}</caption>
 *   <tr><th>step</th><th>made by</th><th>what it gives</th></tr>
 *   <tr><td>IDLE to DRAINING</td><td>any flush or begin</td><td>the window and the channel, until the drain is
 *       left</td></tr>
 *   <tr><td>DRAINING to IDLE</td><td>the drainer: under the queue's lock if it found nothing more and the queue does
 *       not finish, or with a rest in the window if the channel is full or its turn is over</td><td>the next thread
 *       that comes may drain. What was offered before the step was found, or, with a rest, waits for the flush that
 *       follows when the channel is ready, or soon</td></tr>
 *   <tr><td>IDLE to CLOSED</td><td>close</td><td>the closer owns the window and releases it</td></tr>
 *   <tr><td>DRAINING to CLOSING</td><td>close</td><td>nothing: the drainer, or the completion of the pending write,
 *       ends the queue when its write has returned</td></tr>
 *   <tr><td>DRAINING or CLOSING to CLOSED</td><td>the drainer or the completion, or the thread that takes
 *       {@code leftBy} in its place, after it released the window: its write failed, the queue was closed, or it finishes and all is written</td><td>the end</td></tr>
 * </table>
 *
 * <p>Calls to the user's code, all under no lock: the channel's write, by the drainer; a message's
 * {@link io.sendbuffer.ReleaseListener}, by the thread that releases it last, and never inside another one: the calls
 * of a thread wait in its {@code ReleaseNotifications}, which that thread alone uses; the pool's error handler, by the
 * thread that builds or closes the pool, whose listener threw, whose look at idle memory failed, whose acquire ended a
 * queue by a hook that threw, or could not start the thread that calls the collector; the hook of a queue that is shed,
 * by the thread whose acquire found the pool exhausted; and what a caller hands to a read or a write of a buffer (a
 * text, a buffer), by that caller. The first three may call anything here, on the same queue too (Q11, Q12).
 */
@NullMarked
package io.sendbuffer;

import org.jspecify.annotations.NullMarked;
