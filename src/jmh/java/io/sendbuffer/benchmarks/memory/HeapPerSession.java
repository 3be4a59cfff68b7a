/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.memory;

import io.sendbuffer.benchmarks.net.Pair;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The heap cost of one more idle session, over real sockets, without the JDK's channel and its key, which all have: the
 * growth of all objects reachable from the sessions, minus the same growth for bare channels.
 */
final class HeapPerSession {
    static final String WEB_SOCKET = "sendbuffer-websocket";

    private static final int WEB_SOCKETS = 10_000;

    private HeapPerSession() {}

    /** Opens the server's end of a kind of session. */
    private interface Opener {
        MeasuredHost open() throws IOException;
    }

    static List<Result> measure(MemorySettings settings) throws Exception {
        double bare = repeat("bare", MeasuredHost.Bare::new, settings, 0).median();
        return List.of(
                repeat("sendbuffer", MeasuredHost.OfSendBuffer::new, settings, bare),
                repeat(WEB_SOCKET, MeasuredHost.OfWebSockets::new, ofWebSockets(settings), bare),
                repeat("netty-nio", MeasuredHost.OfNetty::new, settings, bare));
    }

    /** Both ends of each are in this process. */
    private static MemorySettings ofWebSockets(MemorySettings settings) {
        return Pair.descriptorsSuffice(2 * WEB_SOCKETS) ? settings.withThings(WEB_SOCKETS) : settings;
    }

    private static Result repeat(String contender, Opener opener, MemorySettings settings, double bare)
            throws Exception {
        return HeapWalk.repeat(
                "idleSession", contender, "B/session", settings, sessions -> growth(opener, sessions) - bare);
    }

    private static double growth(Opener opener, int sessions) throws Exception {
        try (SocketPairs sockets = new SocketPairs();
                MeasuredHost host = opener.open()) {
            List<Object> roots = new ArrayList<>(sessions + 1);
            roots.add(connect(sockets, host));
            long few = size(host, roots);
            for (int i = 0; i < sessions; i++) {
                roots.add(connect(sockets, host));
            }
            long many = size(host, roots);
            return (double) (many - few) / sessions;
        }
    }

    private static Object connect(SocketPairs sockets, MeasuredHost host) throws Exception {
        Object session = host.add(sockets.accept());
        host.greet(sockets.client());
        return session;
    }

    private static long size(MeasuredHost host, List<Object> roots) throws Exception {
        host.settle();
        return HeapWalk.size(roots.toArray());
    }
}
