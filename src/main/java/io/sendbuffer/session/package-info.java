/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Sessions over real channels: a server that sends the same bytes to many clients.
 *
 * <pre>{@code
 * SendBuffer --> SessionGroup.broadcast --> Session, one for each client --> SendQueue --> gathering write
 *                                             made by a SendLoop (selector), AsyncSessions or BlockingSessions
 * }</pre>
 *
 * <pre>{@code
 * SendBufferPool pool = SendBufferPool.builder().build();
 * SessionGroup players = new SessionGroup(Session::abort);    // what to do with one that is too slow
 * SendLoop loop = SendLoop.builder().build();
 * loop.listen(server, connection -> new Player(players));     // a listener for each client, which joins the group
 * LoopRunner runner = loop.start();                           // the thread that reads and writes
 *
 * try (SendBuffer tick = pool.acquire(16)) {                  // any thread, in time for each tick
 *     players.broadcast(tick.putLong(now).seal());            // each session takes a reference of its own
 * }
 * }</pre>
 *
 * <p>Which kind to take: a {@link io.sendbuffer.session.SendLoop}, or a {@link io.sendbuffer.session.SendLoopGroup} of
 * several, for sockets, and where in doubt; {@link io.sendbuffer.session.AsyncSessions} where the server has
 * asynchronous channels already; {@link io.sendbuffer.session.BlockingSessions} for TLS and other channels that block,
 * on platform or virtual threads. All are a {@link io.sendbuffer.session.Session} to the code that sends.
 *
 * <h2>Ownership</h2>
 *
 * <p>One rule: the caller that acquires or retains a buffer releases it. {@code send}, {@code queue} and
 * {@code broadcast} take references of their own. A session ends once, with one
 * {@link io.sendbuffer.session.SessionListener#onClosed}, and releases every reference, whatever fails.
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
 * loop group or a set of sessions, that which it belongs to or another one: that asks for the end and returns, and
 * threads of what is closed carry it out. What a selected channel leads to, {@code onReceived} for instance, is called
 * within the loop's select, under the selector's own monitors: no other thread ever takes those. An
 * {@link java.lang.Error} that a write meets ends its session, not the broadcast that led to it.
 *
 * <p>For maintainers: the rooms of this package, its locks, and a table of each shared field are in
 * {@code src/site/markdown/structure.md} and {@code synchronization.md}.
 */
@NullMarked
package io.sendbuffer.session;

import org.jspecify.annotations.NullMarked;
