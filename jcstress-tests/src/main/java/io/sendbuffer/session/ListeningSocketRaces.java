/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.nio.channels.ServerSocketChannel;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The listening sockets of sessions without a loop. */
public class ListeningSocketRaces {
    @JCStressTest
    @Description("S24: a set of sessions closes while a listening socket is added")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The close was first: the socket was refused, and closed.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The socket was taken in, and closed with the sessions.")
    @Outcome(id = ".*, 0", expect = FORBIDDEN, desc = "The socket stays open, and no thread will close it.")
    @State
    public static class S24_SocketOfAClosedSet {
        private final SessionRegistry registry =
                new SessionRegistry(Kinds.BLOCKING.settings, "race", "sessions", task -> {});
        private final ListeningSockets<ServerSocketChannel> sockets =
                new ListeningSockets<>(registry, Kinds.BLOCKING.settings);
        private final ServerSocketChannel socket = new ClientlessServer();

        @Actor
        public void closer() {
            registry.requestClose();
            sockets.closeAll();
        }

        @Actor
        public void listener(II_Result r) {
            try {
                sockets.add(socket);
                r.r1 = 1;
            } catch (IllegalStateException e) {
                r.r1 = 0;
            }
        }

        @Arbiter
        public void end(II_Result r) {
            r.r2 = socket.isOpen() ? 0 : 1;
        }
    }
}
