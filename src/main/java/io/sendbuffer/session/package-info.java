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
 * <p>Every callback of a {@link io.sendbuffer.session.SessionListener} runs on the thread that runs the loop, under no
 * lock; it may send, broadcast, and close. The one exception: a session that ends after its loop was closed is told on
 * the thread that ended it.
 *
 * <table>
 *   <caption>Shared state: who owns it, how it is accessed, why that is enough</caption>
 *   <tr><th>field</th><th>written by</th><th>access</th><th>why</th></tr>
 *   <tr><td>{@code PendingSessions.newest}, {@code Session.pending}</td><td>any thread adds, the loop takes all</td>
 *       <td>compare-and-set, get-and-set</td><td>a session is in the list at most once; it leaves it, as the loop sees it,
 *       before it is flushed, so what is queued later puts it in again</td></tr>
 *   <tr><td>{@code SendLoop.asleep}</td><td>the loop, before and after it may sleep; who wakes it</td><td>volatile,
 *       compare-and-set</td><td>the loop sets it, then looks at the list once more; a sender adds to the list, then looks
 *       at it: one of the two sees the other</td></tr>
 *   <tr><td>{@code Session.blocked}</td><td>a drainer whose write was cut short; the loop</td><td>volatile</td><td>the loop
 *       clears it before it flushes: who saw it set had queued before that flush</td></tr>
 *   <tr><td>{@code Session.life}</td><td>who ends the session; the loop</td><td>compare-and-set, volatile</td>
 *       <td>the winner of OPEN to CLOSING alone closes the queue and the channel; only when it is done does it say
 *       ENDING, and the loop, with another compare-and-set, tells the end once</td></tr>
 *   <tr><td>{@code SessionGroup.members}</td><td>who adds or removes, under the group's lock</td><td>volatile; the array
 *       never changes</td><td>a broadcast goes to those who were members when it began</td></tr>
 * </table>
 *
 * <p>Locks, in order: a session's memberships, a group's members. Neither is held across a write or a callback.
 */
@NullMarked
package io.sendbuffer.session;

import org.jspecify.annotations.NullMarked;
