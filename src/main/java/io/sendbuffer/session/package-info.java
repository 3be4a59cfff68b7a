/**
 * Sessions over real channels, on top of the core's public API.
 *
 * <pre>{@code
 *                     any thread                                       the loop's thread
 * send / broadcast --> SendQueue --> INLINE: gathering write now
 *                                \-> LOOP:   pending list ----------> SendLoop: gathering write
 *                                    blocked: pending list ---------> SendLoop: write when the channel is ready
 * }</pre>
 *
 * <p>A {@link io.sendbuffer.session.SendLoop} is a selector loop in the shape of an Agrona
 * {@link org.agrona.concurrent.Agent}; a {@link io.sendbuffer.session.Session} is one socket and its queue on a loop; a
 * {@link io.sendbuffer.session.SessionGroup} is who hears a broadcast.
 *
 * <h2>Threads and callbacks</h2>
 *
 * <table>
 *   <caption>Who calls the user's code, under no lock of this library</caption>
 *   <tr><th>callback</th><th>thread</th></tr>
 *   <tr><td>{@link io.sendbuffer.session.SessionListener}, its factory</td><td>the one that runs the loop. The one
 *       exception: a session that ends after its loop was closed is told on the thread that ended it</td></tr>
 *   <tr><td>the group's {@code onRefused}, and a broadcast's filter</td><td>the one that broadcasts</td></tr>
 *   <tr><td>the loop's error handler</td><td>whichever met the error: that of the loop, or one that ends a
 *       session</td></tr>
 * </table>
 *
 * <p>Each of them may send, broadcast, flush, close, and join or leave groups. What a selected channel leads to,
 * {@code onReceived} for instance, is called within the loop's select, under the selector's own monitors: no other
 * thread ever takes those.
 *
 * <h2>Synchronization</h2>
 *
 * <p>Locks, in the order in which they may be taken: a session's memberships, a group's members. Neither is held across
 * a write, a callback, or with a lock of the core. The last column names the race tests, in {@code jcstress-tests}.
 *
 * <table>
 *   <caption>Shared state: who writes it, how it is accessed, why that is enough</caption>
 *   <tr><th>field</th><th>written by</th><th>access</th><th>why that is enough</th><th>raced in</th></tr>
 *   <tr><td>{@code PendingSessions.newest}</td><td>any thread adds, the loop takes all</td><td>volatile read,
 *       compare-and-set, get-and-set</td><td>the list is only taken whole, so no ABA is possible</td><td>Q16</td></tr>
 *   <tr><td>{@code Session.pending}</td><td>who sets it adds the session to the list; who took the list clears it:
 *       the loop, or, when the loop is closed, who added to it</td><td>volatile read, compare-and-set, volatile
 *       write</td><td>a session is in the list at most once; the loop clears it before it flushes, so what is queued
 *       later puts it in again</td><td>Q16</td></tr>
 *   <tr><td>{@code Session.nextPending}</td><td>who set {@code pending}; then who took the
 *       list</td><td>plain</td><td>published by the compare-and-set that adds the session</td><td>Q16</td></tr>
 *   <tr><td>{@code SendLoop.asleep}</td><td>the loop, before and after it may sleep; who wakes it</td><td>volatile,
 *       compare-and-set; plain read by the loop within a select</td><td>the loop sets it, then looks at the list once
 *       more; a sender adds to the list, then looks at it: one of the two sees the other</td><td>Q13</td></tr>
 *   <tr><td>{@code SendLoop.closed}</td><td>the loop, at its end</td><td>volatile</td><td>the loop sets it, then
 *       takes the list once more; who adds to the list looks at it after: one of the two ends the straggler</td><td>S4,
 *       S8</td></tr>
 *   <tr><td>{@code SendLoop.newAcceptors}</td><td>any thread adds, the loop takes</td><td>a concurrent
 *       queue</td><td>as the pending list</td><td>Q13, S8</td></tr>
 *   <tr><td>{@code Session.blocked}</td><td>a drainer whose write was cut short; the
 *       loop</td><td>volatile</td><td>the loop clears it before it flushes: who saw it set had queued before that
 *       flush</td><td>S3</td></tr>
 *   <tr><td>{@code Session.life}</td><td>OPEN to CLOSING: who ends the session; to ENDING: the same; to ENDED: who
 *       took the list</td><td>compare-and-set, volatile</td><td>one thread alone closes the queue and the channel; only
 *       when it is done does it say ENDING, and another compare-and-set elects who tells</td><td>S1, S2, S4</td></tr>
 *   <tr><td>{@code Session.cause}</td><td>who moved {@code life} to CLOSING</td><td>plain</td><td>published by the
 *       step to ENDING</td><td>S1</td></tr>
 *   <tr><td>{@code Session.key}, the acceptors, the receive buffer</td><td>the loop</td><td>plain</td><td>one
 *       thread</td><td></td></tr>
 *   <tr><td>a session's memberships</td><td>who joins or leaves a group; the loop, when the session ends</td><td>the
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
