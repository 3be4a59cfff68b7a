/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Sessions over real channels, on top of the core's public API.
 *
 * <pre>{@code
 * send / broadcast --> SendQueue --+
 *                                  |-- LoopSession      INLINE: gathering write now, by the sender
 *                                  |                    LOOP, or cut short: pending list --> SendLoop: gathering write
 *                                  |-- AsyncSession     nothing pending: the sender begins a write
 *                                  |                    a write is pending: its completion begins the next
 *                                  '-- BlockingSession  INLINE: the sender writes, and waits
 *                                                       LOOP: wanted --> the session's writer: writes, and waits
 * }</pre>
 *
 * <h2>The rooms</h2>
 *
 * <ul>
 *   <li>{@link io.sendbuffer.session.Session}: a queue, a listener, one end. {@code SessionLife} says how far it is
 *       from that, {@code SessionWatch} ends it when one of its {@code SessionTimeouts} is over, and
 *       {@code DueCallbacks} are those that others asked for. A {@link io.sendbuffer.session.SessionGroup} is where a
 *       broadcast goes: its {@code Members} are what broadcasts walk, a {@code Membership} is one session in one group,
 *       {@code Memberships} are those of one session, and {@code Refusals} are its episodes at a full queue.
 *   <li>On a loop: {@link io.sendbuffer.session.SendLoop}, a selector loop in the shape of an Agrona
 *       {@link org.agrona.concurrent.Agent}, with {@code LoopSession}, {@code LoopSessions} and
 *       {@code PendingSessions}. It sleeps and is woken in a {@code LoopSelector}, accepts with {@code LoopAcceptors},
 *       each an {@code Acceptor}, survives {@code LoopFailures}, and ends in the steps of a {@code LoopEnd};
 *       {@code Stragglers} are the sessions that come after that. {@link io.sendbuffer.session.LoopRunner} is its
 *       thread, {@link io.sendbuffer.session.SendLoopGroup} is several.
 *   <li>Asynchronous: {@link io.sendbuffer.session.AsyncSessions} with {@code AsyncSession}, its {@code AsyncWriter}
 *       and its {@code AsyncReader}, both of which take {@code AsyncTurns}, and {@code AsyncAcceptor};
 *       {@code CompletionTrampoline} decides which thread continues after an operation, and {@code GroupThreads}
 *       notices when a thread of the JDK's dies that waits for events.
 *   <li>Blocking: {@link io.sendbuffer.session.BlockingSessions} with {@code BlockingSession}, {@code BlockingAcceptor}
 *       and {@code BlockingOutput}.
 *   <li>Both of these: {@code SessionRegistry} closes them and has their clocks looked at by a {@code SessionClock},
 *       {@code DeliveryThreads} make callbacks that no reading thread makes, one at a time as {@code SessionCallbacks}
 *       has it, and others, which no callback can block, end the sessions whose clock is over; {@code DeferredErrors}
 *       are what the clock met, {@code ReceiveBuffers} are used again, {@code ListeningSockets} are closed with the
 *       sessions, a {@code PendingWrite} shows the clock that a write waits, and a {@code Backoff} says when a channel
 *       is tried again that moved nothing and did not wait.
 *   <li>All of them: the {@code Connections} of a listening socket become sessions, or are closed.
 * </ul>
 *
 * <h2>Threads and callbacks</h2>
 *
 * <p>No callback of a session ever runs within a call into this library, within another callback, or on a thread that
 * keeps the time. Each is made soon, once, in order and one at a time by the threads that make the session's callbacks.
 * An end is a sequence of steps that each run whatever the others throw: queue, channel, groups, listener, registry.
 *
 * <table>
 *   <caption>Which thread calls the user's code, under no lock that a call into this library takes</caption>
 *   <tr><th>callback</th><th>thread</th></tr>
 *   <tr><td>{@link io.sendbuffer.session.SessionListener} on a loop, its factory</td><td>the one that runs the loop. A
 *       session that comes too late for a loop that ends is notified by a thread of its own</td></tr>
 *   <tr><td>the listener of an asynchronous session, its factory</td><td>a thread of the channels' group; what has not
 *       come in, {@code onClosed} for instance, one of the delivery threads</td></tr>
 *   <tr><td>the listener of a blocking session, its factory</td><td>the one that reads, one of the delivery threads;
 *       the factory: the one that accepts</td></tr>
 *   <tr><td>{@link io.sendbuffer.session.SendLoop.Builder#onEnded}</td><td>the one that ran the loop, last of
 *       all</td></tr>
 *   <tr><td>a message's {@link io.sendbuffer.ReleaseListener}</td><td>the one that released it last: a sender, a thread
 *       that writes, or one that ended a session</td></tr>
 *   <tr><td>a broadcast's filter</td><td>the one that broadcasts, within that call</td></tr>
 *   <tr><td>a group's {@link io.sendbuffer.session.RefusalListener}</td><td>as the session's listener, and before its
 *       {@code onClosed}</td></tr>
 *   <tr><td>the error handler</td><td>whichever met the error: that of the loop, one that ends a session, or one that
 *       accepts; for what the clock met, one of the delivery threads</td></tr>
 * </table>
 *
 * <p>Each of them may send, broadcast, flush, close, and join or leave groups. A callback may also close a runner, a
 * loop group or a set of sessions, that which it belongs to or another one: that asks for the end and returns, as
 * {@code WithinCall} finds the callback on the stack, and threads of what is closed carry it out. What a selected
 * channel leads to, {@code onReceived} for instance, is called within the loop's select, under the selector's own
 * monitors: no other thread ever takes those. An {@link java.lang.Error} that a write meets ends its session, not the
 * broadcast that led to it.
 *
 * <h2>Synchronization</h2>
 *
 * <p>Locks, in the order in which they may be taken: a session's memberships, a group's members. Taken alone: that of a
 * session's {@code SessionTimeouts}, by a close and by the first callback that others ask for; the registry's, by a
 * close that waits and the ends that wake it; those of the delivery threads and the receive buffers. None of these is
 * held across a write, a callback, or with a lock of the core. A {@code SessionCallbacks} is held across callbacks, by
 * the threads that make them; no call into this library takes it. The last column names the race tests, in
 * {@code jcstress-tests}.
 *
 * <table>
 *   <caption>Shared state: which thread writes it, how it is accessed, why that is enough</caption>
 *   <tr><th>field</th><th>written by</th><th>access</th><th>why that is enough</th><th>raced in</th></tr>
 *   <tr><td>{@code PendingSessions.newest}</td><td>any thread adds, the loop takes all</td><td>volatile read,
 *       compare-and-set, get-and-set</td><td>the list is only taken whole, so no ABA is possible</td><td>Q16</td></tr>
 *   <tr><td>{@code LoopSession.pending}</td><td>the thread that sets it adds the session to the list; the thread that
 *       took the list clears it: the loop, or, when the loop is closed, the thread that added to it</td><td>volatile
 *       read, compare-and-set, volatile write</td><td>a session is in the list at most once; the loop clears it before
 *       it flushes, so what is queued later puts it in again</td><td>Q16</td></tr>
 *   <tr><td>{@code LoopSession.nextPending}</td><td>the thread that set {@code pending}; then the thread that took the
 *       list</td><td>plain</td><td>published by the compare-and-set that adds the session</td><td>Q16</td></tr>
 *   <tr><td>{@code LoopSelector.asleep}</td><td>the loop, before and after it may sleep; a thread that wakes
 *       it</td><td>volatile, compare-and-set; plain read by the loop within a select</td><td>the loop sets it, then
 *       looks at the list once more; a sender adds to the list, then looks at it: one of the two sees the
 *       other</td><td>Q13</td></tr>
 *   <tr><td>{@code SendLoop.closed}</td><td>the loop, at its end</td><td>volatile</td><td>the loop sets it, then takes
 *       the list once more; the thread that adds to the list looks at it after: one of the two ends the
 *       straggler</td><td>S4, S8, E3</td></tr>
 *   <tr><td>{@code LoopAcceptors.newAcceptors}</td><td>any thread adds, the loop takes</td><td>a concurrent queue</td><td>as
 *       the pending list; the thread that finds the loop ended takes its own socket out again, and hands it on, unless
 *       the loop has taken it</td><td>Q13, S8, E3</td></tr>
 *   <tr><td>{@code SendLoop.closing}</td><td>the loop, when its end begins; a thread that asks for its
 *       end</td><td>volatile</td><td>what comes from then on is refused. What was in between is registered by the loop,
 *       which sees it set then and closes the session, or is a straggler</td><td>S4, S8, E3</td></tr>
 *   <tr><td>{@code SendLoop.endRequested}</td><td>any thread that asks for the loop's
 *       end</td><td>volatile</td><td>looked at after each duty cycle, and before the loop sleeps; a wake-up follows
 *       it</td><td>E6</td></tr>
 *   <tr><td>{@code SendLoop.death}</td><td>the loop, before it sets {@code closing}</td><td>volatile</td><td>the thread
 *       that is refused later sees why, and a newcomer that the loop still registers ends with it</td><td>E3</td></tr>
 *   <tr><td>{@code LoopAcceptors.heir}</td><td>the group, before the loop's thread starts</td><td>plain</td><td>published
 *       by the start of the thread, and to others by the group, which gives its loops away later</td><td>E3</td></tr>
 *   <tr><td>{@code SendLoop.sessionCount}</td><td>the thread that adds a session, before the list does; the thread that
 *       notifies its end</td><td>atomic</td><td>at zero no session is left to be notified; as a measure of load it may
 *       be a moment old</td><td>E3</td></tr>
 *   <tr><td>{@code LoopSession.blocked}</td><td>the thread that makes a session that is to be connected; a drainer
 *       whose write was cut short; the loop</td><td>volatile</td><td>the loop clears it before it flushes: the thread
 *       that saw it set had queued before that flush</td><td>S3</td></tr>
 *   <tr><td>{@code SessionLife.life}</td><td>OPEN to CLOSING: the thread that ends the session; to ENDING: the same; to
 *       ENDED: the one that makes the last callback</td><td>compare-and-set, volatile</td><td>one thread alone closes
 *       the queue and the channel; only when it is done does it say ENDING, and another compare-and-set elects the one
 *       that calls back</td><td>S1, S2, S4, S10, S13, E2</td></tr>
 *   <tr><td>{@code SessionLife.halves}</td><td>the thread that finds one direction over</td><td>get-and-bitwise-or,
 *       volatile read</td><td>the one that comes second ends the session: one of reader and writer sees the
 *       other</td><td>S16</td></tr>
 *   <tr><td>{@code Session.due}, its queue</td><td>any thread adds; the threads that make the callbacks
 *       take</td><td>volatile, made under the lock of the clocks; a concurrent queue</td><td>added before the delivery
 *       is asked for, which looks after that</td><td>S10, E1</td></tr>
 *   <tr><td>{@code Session.closeRequested}, {@code inputEnd}, {@code peer}</td><td>a close; the thread that reads; any
 *       that asks while the channel is open</td><td>volatile</td><td>each is set once, or to the same; looked at when
 *       the session ends, after what set it</td><td></td></tr>
 *   <tr><td>{@code SessionLife.cutOff}</td><td>the thread that ends the session; the one that makes the last
 *       callback</td><td>plain</td><td>published by the step to ENDING; a step that is taken twice does no
 *       harm</td><td>E2</td></tr>
 *   <tr><td>{@code SessionLife.cause}</td><td>the thread that moved {@code life} to CLOSING</td><td>plain</td><td>published
 *       by the step to ENDING</td><td>S1</td></tr>
 *   <tr><td>LoopSession's key, address and places in lists; LoopSessions; LoopFailures; LoopEnd; LoopAcceptors' list
 *       and {@code inHand}; SendLoop's receive buffer and {@code inCycle}</td><td>the loop; the address also the
 *       thread that makes the session</td><td>plain</td><td>one thread; the pending list publishes a new session to
 *       it. A thread that makes the last callback after the loop's end leaves the lists alone</td><td>E6</td></tr>
 *   <tr><td>{@code Preloading.over}</td><td>the thread that builds the first loops</td><td>volatile</td><td>two at once
 *       rehearse twice</td><td></td></tr>
 *   <tr><td>{@code ReadTurns}, LoopSession's place in it</td><td>the loop</td><td>plain</td><td>one thread: a session
 *       takes its place, and loses it, within the duty cycle</td><td></td></tr>
 *   <tr><td>{@code LoopSession.channel}</td><td>the loop, before it is connected</td><td>volatile</td><td>senders look
 *       at it only when {@code blocked} is clear, after the last write. The thread that ends the session sets its life,
 *       then looks at it; the loop sets it, then looks at the life: one of the two closes the new
 *       one</td><td>S20</td></tr>
 *   <tr><td>{@code SessionTimeouts.connectEndNanos}</td><td>the thread that connects, before it asks the system to; the
 *       thread that is notified of the connection</td><td>volatile</td><td>a clock: the thread that watches it may see
 *       it a moment late</td><td></td></tr>
 *   <tr><td>{@code SessionTimeouts.closeEndNanos}</td><td>the thread that closes, under the lock of the clocks, so that the
 *       earliest wins</td><td>volatile</td><td>on a loop the close then puts the session on the list, so the loop sees
 *       it; the clock of the others looks every 100 ms</td><td>S21</td></tr>
 *   <tr><td>{@code SessionTimeouts.lingerEndNanos}, {@code lingerLimitNanos}</td><td>the thread that finds the output over;
 *       the thread that reads</td><td>volatile</td><td>a clock: a moment late is no harm. The limit is set once, or to
 *       about the same by two threads at once. The end of a close, which may come later, is looked at beside
 *       them</td><td>S21</td></tr>
 *   <tr><td>{@code SessionWatch.endRequested}, {@code requestedCause}</td><td>the thread that keeps the time, or a
 *       close of all whose time is over; once, under the lock of the clocks, the cause first</td><td>volatile; plain,
 *       published by it</td><td>a delivery of its own is asked for after it is set, and looks at it, as that of the
 *       callbacks does</td><td>S17</td></tr>
 *   <tr><td>{@code SessionWatch.outputEndRequested}</td><td>the thread that keeps the time sets it; a delivery clears
 *       it</td><td>volatile</td><td>as above; to carry it out twice changes nothing</td><td>S17</td></tr>
 *   <tr><td>SessionClock's {@code wantedNanos}, {@code paused} tasks and their places in it, {@code closed}, {@code
 *       over}</td><td>any thread; the clock</td><td>its monitor</td><td>the thread that wants a look has set the
 *       deadline before; the clock forgets the wish before it looks. A task is kept in one step with the look at {@code
 *       over}, and the clock ends only when it keeps none</td><td>S18</td></tr>
 *   <tr><td>{@code SessionClock.lookedNanos}, what it knows of the last mend</td><td>the
 *       clock</td><td>plain</td><td>one thread</td><td></td></tr>
 *   <tr><td>DeferredErrors' list</td><td>any thread adds; a delivery takes</td><td>its monitor</td><td>the delivery is
 *       asked for after the add</td><td>S19</td></tr>
 *   <tr><td>{@code SessionTimeouts.windowStartNanos}, {@code windowStartBytes}, {@code waitsSinceNanos}, {@code
 *       peerReads}, {@code probeNanos}, {@code SessionWatch.seenBroken}</td><td>the thread that watches: the loop, or
 *       the registry's clock</td><td>plain</td><td>one thread</td><td></td></tr>
 *   <tr><td>{@code SessionCallbacks.callbackLock}</td><td>the threads that make callbacks, each for one callback or for
 *       those that are due</td><td>a lock</td><td>a delivery that finds it taken leaves what is due to its holder,
 *       which looks again when it has let go: what is due was set before the delivery tried</td><td>S10, E1,
 *       E6</td></tr>
 *   <tr><td>DeliveryThreads' list and counts</td><td>any thread adds; the delivery threads take</td><td>its
 *       lock</td><td>a task is in the list once: it is taken before it runs, so what becomes due meanwhile comes
 *       again</td><td>S22</td></tr>
 *   <tr><td>ReceiveBuffers' spares, what it let go, its back-off</td><td>threads that read</td><td>its
 *       monitor</td><td>given back only when no read is pending</td><td></td></tr>
 *   <tr><td>{@code CompletionTrampoline.phase}</td><td>the starter, before the operation or before it gives its next turn to an
 *       executor; then the starter and the completion, or the task, once each</td><td>volatile, compare-and-set</td><td>the one that comes first succeeds, and leaves it to the other
 *       one; the step publishes what the completion brought</td><td>S9, S11</td></tr>
 *   <tr><td>An asynchronous accept's {@code accepted}, {@code failure}</td><td>the completion; the thread that
 *       continues after it</td><td>plain</td><td>handed over by the handoff, by the executor, or by the clock and a
 *       delivery</td><td></td></tr>
 *   <tr><td>AsyncWriter's {@code written}, {@code tookNothing}, {@code failure}, {@code buffersToWrite}; its {@code
 *       pauseNanos}, {@code afterPause}</td><td>the thread that owns the drain of the queue; the completion of its
 *       write</td><td>plain</td><td>handed over by the channel, from the start to the completion, by the handoff, and
 *       by the executor</td><td>S11</td></tr>
 *   <tr><td>AsyncReader's {@code received}, {@code failure}, receive buffer; its {@code pauseNanos}, {@code
 *       afterPause}</td><td>the thread that continues to
 *       read; the completion of the read</td><td>plain</td><td>in the same way</td><td></td></tr>
 *   <tr><td>{@code AsyncWriter.leftBy}</td><td>the thread that has a write in hand and cannot continue; the thread
 *       that takes it when the session has ended</td><td>volatile, get-and-set</td><td>written before a look at {@code
 *       life}, and read after {@code life} has become ENDED: one of the two threads finds it, and the exchange has one
 *       winner</td><td>S11</td></tr>
 *   <tr><td>{@code AsyncSession.connected}</td><td>the thread that is notified of the
 *       connection</td><td>volatile</td><td>set before the first flush: the thread that saw it unset had queued before
 *       that flush</td><td>S11</td></tr>
 *   <tr><td>{@code PendingWrite.pending}</td><td>the thread that owns the drain of the queue</td><td>opaque write,
 *       opaque read by the clock</td><td>one writer at a time, as the drain is claimed; a hint for the clock, which
 *       acts on one that stays while no byte is taken for long</td><td></td></tr>
 *   <tr><td>{@code BlockingSession.wanted}</td><td>senders set it, and wake the writer; the writer clears
 *       it</td><td>volatile read, compare-and-set, volatile write</td><td>cleared before the flush: the thread that saw
 *       it set had queued before that flush. The thread that sets it wakes the writer after that, and a wake-up that
 *       comes before the park is kept</td><td>S12</td></tr>
 *   <tr><td>{@code reads} of AsyncSession and BlockingSession</td><td>the thread that opens the session, before it
 *       reads</td><td>volatile</td><td>set before the first read, and taken back if there is no thread to read; a
 *       failing write that sees it leaves the end to the reader</td><td></td></tr>
 *   <tr><td>{@code BlockingOutput.pauseNanos}</td><td>the thread that owns the drain of the
 *       queue</td><td>plain</td><td>one at a time, as the drain is claimed</td><td></td></tr>
 *   <tr><td>{@code BlockingSession.readPauseNanos}</td><td>the thread that
 *       reads</td><td>plain</td><td>one thread</td><td></td></tr>
 *   <tr><td>{@code ListeningSockets.servers}</td><td>the thread that listens; an accept that ends;
 *       close</td><td>a concurrent set</td><td>the thread that adds one looks at {@code closed} after that; close sets
 *       it, then goes through them: one of the two closes the newcomer</td><td></td></tr>
 *   <tr><td>{@code GroupThreads.ONE_AT_A_TIME}</td><td>the thread that opens a channels' group</td><td>its
 *       monitor</td><td>innermost, held while the JDK starts its threads; nothing of a session is locked
 *       within</td><td></td></tr>
 *   <tr><td>{@code NUMBER} of the sets, the counter of DaemonThreads</td><td>the thread that makes
 *       threads</td><td>atomic integers</td><td>names differ; nobody decides by them</td><td></td></tr>
 *   <tr><td>{@code SessionRegistry.sessions}</td><td>the thread that adds; the thread that notifies an end</td><td>a
 *       concurrent set</td><td>a session is added before it can end, so none that ended stays</td><td>E6</td></tr>
 *   <tr><td>{@code SendLoop.started}</td><td>the thread that starts a thread for it</td><td>compare-and-set</td><td>one
 *       of two succeeds; given back if there is no thread</td><td>S23</td></tr>
 *   <tr><td>{@code AsyncSessions.Threads.opened}</td><td>the thread that builds the
 *       sessions</td><td>volatile</td><td>the JDK starts the tasks that wait for events before it is set, on the thread
 *       that opens; completions come after it</td><td></td></tr>
 *   <tr><td>{@code GroupThreads.opened}, {@code failure}</td><td>the thread that opens the channels'
 *       group</td><td>plain</td><td>read after that thread's end</td><td></td></tr>
 *   <tr><td>{@code Preloading.DONE}</td><td>the thread that builds sessions</td><td>a concurrent set</td><td>each is
 *       rehearsed by the one that adds it; another one that builds meanwhile may run before it is over, and loses no
 *       result by that</td><td></td></tr>
 *   <tr><td>{@code SessionRegistry.death}</td><td>a thread of the channels' group that dies, before it sets {@code
 *       closed}</td><td>volatile</td><td>the thread that is refused later sees why; of two deaths at once either is as
 *       good</td><td>E3</td></tr>
 *   <tr><td>{@code SessionRegistry.closed}</td><td>close, {@code die}</td><td>volatile</td><td>the thread that adds a
 *       session looks at it after that; close sets it, then goes through the sessions: one of the two ends the
 *       newcomer. The thread that removes one looks at it after that, and wakes the thread that waits</td><td>E3,
 *       E6</td></tr>
 *   <tr><td>a session's memberships</td><td>the thread that joins or leaves a group; the thread that notifies the
 *       end</td><td>the memberships' lock</td><td>a session that ended joins no group: the look at its life and the
 *       join are one step, and leaving comes after the end</td><td>S5, E2</td></tr>
 *   <tr><td>{@code SessionGroup.members}</td><td>the thread that adds or removes, under the group's
 *       lock</td><td>volatile</td><td>a broadcast reads it once; what was replaced does not change any more</td><td>S6,
 *       S7, S14</td></tr>
 *   <tr><td>{@code Members.count}</td><td>the thread that adds or removes, under the group's lock, as its last
 *       step</td><td>volatile write, volatile read by a broadcast, plain under the lock</td><td>a broadcast reads it
 *       once, after the members: it takes as many references, and sees each slot as the last change before that read,
 *       or a later one, left it</td><td>S7, S14</td></tr>
 *   <tr><td>the slots of {@code Members}</td><td>as the count, before it</td><td>plain</td><td>published by the count;
 *       each is filled once, and emptied once, so a session that comes back is not met twice</td><td>S14</td></tr>
 *   <tr><td>{@code SessionGroup.size}</td><td>as the count</td><td>volatile</td><td>a number to report; nobody decides
 *       by it</td><td></td></tr>
 *   <tr><td>{@code Membership.index}</td><td>the thread that adds, removes or copies</td><td>the group's
 *       lock</td><td></td><td>S6</td></tr>
 *   <tr><td>{@code Membership.episode}, {@code Refusals}, {@code RefusalEpisode}</td><td>broadcasts whose message is
 *       refused, or accepted by a member that has caught up; the thread that leaves; the session's delivery</td><td>the
 *       memberships' lock</td><td>the thread that takes a notice delivers it, on the thread of the session's callbacks;
 *       the end takes what is left, and from then on there is no membership to be refused as</td><td>S15</td></tr>
 *   <tr><td>{@code Session.refusing}</td><td>the thread that opens or ends an episode, under the memberships'
 *       lock</td><td>opaque write, opaque read by a broadcast whose message was accepted</td><td>a hint: the thread
 *       that sees it set asks under the lock; the thread that sees it unset a moment too long leaves the end of the
 *       episode to the next message</td><td>S15</td></tr>
 * </table>
 */
@NullMarked
package io.sendbuffer.session;

import org.jspecify.annotations.NullMarked;
