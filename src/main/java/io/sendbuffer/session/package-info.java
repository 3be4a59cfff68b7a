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
 *   <li>{@link io.sendbuffer.session.Session}: a queue, a listener, one end; with its {@code Deadlines}. A
 *       {@link io.sendbuffer.session.SessionGroup} is who hears a broadcast.
 *   <li>On a loop: {@link io.sendbuffer.session.SendLoop}, a selector loop in the shape of an Agrona
 *       {@link org.agrona.concurrent.Agent}, with {@code LoopSession}, {@code LoopSessions}, {@code PendingSessions}
 *       and {@code Acceptor}; {@link io.sendbuffer.session.SendLoopGroup} is several.
 *   <li>Asynchronous: {@link io.sendbuffer.session.AsyncSessions} with {@code AsyncSession}; {@code Handoff} decides
 *       who goes on after an operation.
 *   <li>Blocking: {@link io.sendbuffer.session.BlockingSessions} with {@code BlockingSession} and
 *       {@code BlockingOutput}.
 *   <li>Both of these: {@code SessionRegistry} watches their clocks and closes them, {@code CallbackTurn} tells their
 *       end last.
 * </ul>
 *
 * <h2>Threads and callbacks</h2>
 *
 * <table>
 *   <caption>Who calls the user's code, under no lock of this library</caption>
 *   <tr><th>callback</th><th>thread</th></tr>
 *   <tr><td>{@link io.sendbuffer.session.SessionListener} on a loop, its factory</td><td>the one that runs the loop.
 *       The one exception: a session that ends after its loop was closed is told on the thread that ended
 *       it</td></tr>
 *   <tr><td>the listener of an asynchronous session, its factory</td><td>a thread of the channels' group, one at a time
 *       for each session. {@code onClosed}: the one that ended the session, or, if a callback runs then, that
 *       one's</td></tr>
 *   <tr><td>the listener of a blocking session, its factory</td><td>the one that reads; where nothing is read,
 *       {@code onOpened} comes on the one that adds; the factory is called by the one that accepts.
 *       {@code onClosed}: as above; the one that ended it may be a sender, the writer, or that of the
 *       clock</td></tr>
 *   <tr><td>a message's {@link io.sendbuffer.ReleaseListener}</td><td>the one that released it last: a sender, who
 *       writes, or who ended a session</td></tr>
 *   <tr><td>the group's {@code onRefused}, and a broadcast's filter</td><td>the one that broadcasts</td></tr>
 *   <tr><td>the error handler</td><td>whichever met the error: that of the loop, one that ends a session, that of the
 *       clock, or one that accepts</td></tr>
 * </table>
 *
 * <p>Each of them may send, broadcast, flush, close, and join or leave groups. What a selected channel leads to,
 * {@code onReceived} for instance, is called within the loop's select, under the selector's own monitors: no other
 * thread ever takes those. A callback of a session that is on no loop counts as running until it returned: who ends the
 * session meanwhile leaves {@code onClosed} to it.
 *
 * <h2>Synchronization</h2>
 *
 * <p>Locks, in the order in which they may be taken: a session's memberships, a group's members. Two more are taken
 * alone: that of a session's {@code Deadlines}, by a close, and the registry's, by who waits and who wakes him. None is
 * held across a write, a callback, or with a lock of the core. The last column names the race tests, in
 * {@code jcstress-tests}.
 *
 * <table>
 *   <caption>Shared state: who writes it, how it is accessed, why that is enough</caption>
 *   <tr><th>field</th><th>written by</th><th>access</th><th>why that is enough</th><th>raced in</th></tr>
 *   <tr><td>{@code PendingSessions.newest}</td><td>any thread adds, the loop takes all</td><td>volatile read,
 *       compare-and-set, get-and-set</td><td>the list is only taken whole, so no ABA is possible</td><td>Q16</td></tr>
 *   <tr><td>{@code LoopSession.pending}</td><td>who sets it adds the session to the list; who took the list clears it:
 *       the loop, or, when the loop is closed, who added to it</td><td>volatile read, compare-and-set, volatile
 *       write</td><td>a session is in the list at most once; the loop clears it before it flushes, so what is queued
 *       later puts it in again</td><td>Q16</td></tr>
 *   <tr><td>{@code LoopSession.nextPending}</td><td>who set {@code pending}; then who took the
 *       list</td><td>plain</td><td>published by the compare-and-set that adds the session</td><td>Q16</td></tr>
 *   <tr><td>{@code SendLoop.asleep}</td><td>the loop, before and after it may sleep; who wakes it</td><td>volatile,
 *       compare-and-set; plain read by the loop within a select</td><td>the loop sets it, then looks at the list once
 *       more; a sender adds to the list, then looks at it: one of the two sees the other</td><td>Q13</td></tr>
 *   <tr><td>{@code SendLoop.closed}</td><td>the loop, at its end</td><td>volatile</td><td>the loop sets it, then
 *       takes the list once more; who adds to the list looks at it after: one of the two ends the straggler</td><td>S4,
 *       S8</td></tr>
 *   <tr><td>{@code SendLoop.newAcceptors}</td><td>any thread adds, the loop takes</td><td>a concurrent
 *       queue</td><td>as the pending list</td><td>Q13, S8</td></tr>
 *   <tr><td>{@code SendLoop.closing}</td><td>the loop, when its end begins</td><td>volatile</td><td>who comes from then
 *       on is refused. Who was in between is registered by the loop, which sees it set then and closes the session, or
 *       is a straggler</td><td>S4, S8</td></tr>
 *   <tr><td>{@code SendLoop.sessionCount}</td><td>who adds a session, before the list does; who tells its
 *       end</td><td>atomic</td><td>at zero no session is left to be told; as a measure of load it may be a moment
 *       old</td><td></td></tr>
 *   <tr><td>{@code LoopSession.blocked}</td><td>who makes a session that is to be connected; a drainer whose write was
 *       cut short; the loop</td><td>volatile</td><td>the loop clears it before it flushes: who saw it set had queued
 *       before that flush</td><td>S3</td></tr>
 *   <tr><td>{@code Session.life}</td><td>OPEN to CLOSING: who ends the session; to ENDING: the same; to ENDED: who
 *       tells it</td><td>compare-and-set, volatile</td><td>one thread alone closes the queue and the channel; only when
 *       it is done does it say ENDING, and another compare-and-set elects who tells</td><td>S1, S2, S4, S10,
 *       S13</td></tr>
 *   <tr><td>{@code Session.cause}</td><td>who moved {@code life} to CLOSING</td><td>plain</td><td>published by the
 *       step to ENDING</td><td>S1</td></tr>
 *   <tr><td>LoopSession's key, address, count of flushes and places in lists; LoopSessions; SendLoop's acceptors and
 *       receive buffer</td><td>the loop; the address also who makes the session</td><td>plain</td><td>one thread; the
 *       pending list publishes a new session to it. Who tells an end after the loop's end leaves the lists
 *       alone</td><td></td></tr>
 *   <tr><td>{@code Deadlines.connectEndNanos}</td><td>who connects, before it asks the system to; who is told of the
 *       connection</td><td>volatile</td><td>a clock: who watches it may see it a moment late</td><td></td></tr>
 *   <tr><td>{@code Deadlines.closeEndNanos}</td><td>who closes, under the lock of the clocks, so that the earliest
 *       wins</td><td>volatile</td><td>on a loop the close then puts the session on the list, so the loop sees it; the
 *       clock of the others looks every 100 ms</td><td></td></tr>
 *   <tr><td>{@code Deadlines.watchedWrite}, {@code watchedSinceNanos}, {@code Session.seenClosed}</td><td>who watches: the loop, or the registry's
 *       clock</td><td>plain</td><td>one thread</td><td></td></tr>
 *   <tr><td>{@code CallbackTurn.taken}</td><td>the one thread that goes on reading</td><td>volatile</td><td>it takes
 *       the turn, then looks at the life; who ends the session moves that to ENDING, then looks at the turn: one of the
 *       two sees the other. The same way back, when the callback returned</td><td>S10</td></tr>
 *   <tr><td>{@code Handoff.phase}</td><td>the starter, before the operation; then the starter and the
 *       completion, once each</td><td>volatile, compare-and-set</td><td>the one that comes first succeeds, and leaves
 *       it to the other one; the step publishes what the completion brought</td><td>S9, S11</td></tr>
 *   <tr><td>AsyncSession's {@code written}, {@code writeFailure}, {@code buffersToWrite}</td><td>who owns the drain of
 *       the queue; the completion of its write</td><td>plain</td><td>handed over by the channel, from the start to the
 *       completion, by the handoff, and by the executor</td><td>S11</td></tr>
 *   <tr><td>AsyncSession's {@code received}, {@code readFailure}, receive buffer</td><td>who goes on reading; the
 *       completion of the read</td><td>plain</td><td>in the same way</td><td></td></tr>
 *   <tr><td>{@code AsyncSession.connected}</td><td>who is told of the connection</td><td>volatile</td><td>set before
 *       the first flush: who saw it unset had queued before that flush</td><td>S11</td></tr>
 *   <tr><td>{@code AsyncSession.write}, {@code BlockingOutput.write}</td><td>who owns the drain of the
 *       queue</td><td>plain read by its writer, opaque write, opaque read by the clock</td><td>one writer at a time, as
 *       the drain is claimed; the clock compares numbers, and acts on one that stays for long</td><td></td></tr>
 *   <tr><td>{@code BlockingSession.wanted}</td><td>senders set it, and wake the writer; the writer clears
 *       it</td><td>volatile read, compare-and-set, volatile write</td><td>cleared before the flush: who saw it set had
 *       queued before that flush. Who sets it wakes the writer after that, and a wake-up that comes before the park is
 *       kept</td><td>S12</td></tr>
 *   <tr><td>{@code SessionRegistry.sessions}</td><td>who adds; who tells an end</td><td>a concurrent set</td><td>a
 *       session is added before it can end, so none that ended stays</td><td></td></tr>
 *   <tr><td>{@code SessionRegistry.closed}</td><td>close</td><td>volatile</td><td>who adds a session looks at it after
 *       that; close sets it, then goes through the sessions: one of the two ends the newcomer. Who removes one looks at
 *       it after that, and wakes who waits</td><td></td></tr>
 *   <tr><td>a session's memberships</td><td>who joins or leaves a group; who tells the end</td><td>the
 *       memberships' lock</td><td>a session that ended joins no group: the look at its life and the join are one step,
 *       and leaving comes after the end</td><td>S5</td></tr>
 *   <tr><td>{@code SessionGroup.members}</td><td>who adds or removes, under the group's lock</td><td>volatile; the
 *       array never changes</td><td>a broadcast reads it once: it goes to those who were members when it began, and
 *       takes as many references</td><td>S6, S7</td></tr>
 * </table>
 */
@NullMarked
package io.sendbuffer.session;

import org.jspecify.annotations.NullMarked;
