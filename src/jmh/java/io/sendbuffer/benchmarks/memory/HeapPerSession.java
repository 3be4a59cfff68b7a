package io.sendbuffer.benchmarks.memory;

import io.sendbuffer.benchmarks.Result;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What one more idle session costs, over real sockets, without the JDK's channel and its key, which all have: the
 * growth of everything that can be reached from the sessions, less the same growth for bare channels.
 */
final class HeapPerSession {
    private HeapPerSession() {}

    /** Opens a server's end of something. */
    private interface Opener {
        SessionHost open() throws IOException;
    }

    static List<Result> measure(MemorySettings settings) throws Exception {
        int sessions = settings.things();
        double bare = growth(SessionHost.Bare::new, sessions);
        double ours = growth(SessionHost.OfSendBuffer::new, sessions) - bare;
        double netty = growth(SessionHost.OfNetty::new, sessions) - bare;
        return List.of(
                HeapWalk.result("idleSession", "sendbuffer", "B/session", settings, ours),
                HeapWalk.result("idleSession", "netty-nio", "B/session", settings, netty));
    }

    /** The first pass loads classes, which are reachable too, and is thrown away. */
    private static double growth(Opener opener, int sessions) throws Exception {
        growthOnce(opener, sessions);
        return growthOnce(opener, sessions);
    }

    private static double growthOnce(Opener opener, int sessions) throws Exception {
        try (SocketPairs sockets = new SocketPairs();
                SessionHost host = opener.open()) {
            List<Object> roots = new ArrayList<>(sessions + 1);
            roots.add(host.add(sockets.accept()));
            long few = size(host, roots);
            for (int i = 0; i < sessions; i++) {
                roots.add(host.add(sockets.accept()));
            }
            long many = size(host, roots);
            return (double) (many - few) / sessions;
        }
    }

    private static long size(SessionHost host, List<Object> roots) throws Exception {
        host.settle();
        return HeapWalk.size(roots.toArray());
    }
}
