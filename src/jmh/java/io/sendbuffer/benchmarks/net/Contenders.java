/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.IOException;
import java.util.List;

/** The contenders by their names. */
public final class Contenders {
    /** In the order in which tables show them. */
    public static final List<String> ALL = List.of(
            "floor",
            "copy",
            "sendbuffer",
            "sendbuffer-log",
            "netty-nio",
            "netty-nio-tick",
            "netty-epoll",
            "netty-epoll-tick",
            "netty-io_uring",
            Resp.SAMPLE,
            Resp.REDIS,
            "node-ws",
            "node-ws-tick");

    /** Those that speak TLS, to a reader that does too. */
    public static final List<String> TLS =
            List.of("sendbuffer-tls", "blocking-tls", "netty-tls-guide", "netty-tls", "netty-tls-tick");

    /** What encodes all messages of a tick in one buffer is named like its peer that does not, with this suffix. */
    private static final String TICK = "-tick";

    private Contenders() {}

    /**
     * Whether there is such a contender. Floor and copy have no event loop; Netty publishes inline on its only one; a
     * publisher of a relay is another process.
     */
    public static boolean exists(String name, Mode mode, int loops) {
        boolean inline = mode == Mode.INLINE;
        if (name.equals("floor") || name.equals("copy")) {
            return inline && loops == 1;
        }
        if (isRelay(name) || TLS.contains(name)) {
            return !inline && loops == 1;
        }
        return ALL.contains(name) && (!inline || loops == 1 || !name.startsWith("netty-"));
    }

    /** Whether it does with n messages in a tick what no other contender does. */
    public static boolean differs(String name, int messages) {
        return messages > 1 || !name.endsWith(TICK);
    }

    /** Whether a server of its own sends, which adds to the messages what its protocol wants. */
    public static boolean isRelay(String name) {
        return Resp.isSpokenBy(name) || name.startsWith("node-");
    }

    /** Whether the library is compared with this contender. */
    public static boolean isPeer(String name) {
        return name.startsWith("netty-") || (isRelay(name) && !name.equals(Resp.SAMPLE));
    }

    static Contender create(String name, Mode mode, int sessions, int loops) throws IOException, InterruptedException {
        return switch (name) {
            case "floor" -> new FloorContender();
            case "copy" -> new CopyContender();
            case "sendbuffer" -> new SendBufferContender(mode, loops);
            case "sendbuffer-log" -> new LogContender(loops);
            case "sendbuffer-tls" -> TlsContender.onLoop();
            case "blocking-tls" -> TlsContender.blocking();
            case "netty-tls-guide" -> new NettyTlsContender(NettyTlsContender.Form.AS_GUIDES, sessions);
            case "netty-tls" -> new NettyTlsContender(NettyTlsContender.Form.FLUSH_PER_TICK, sessions);
            case "netty-tls-tick" -> new NettyTlsContender(NettyTlsContender.Form.TICK_AT_ONCE, sessions);
            case Resp.REDIS, Resp.SAMPLE -> new RespContender(name, sessions);
            case "node-ws" -> new NodeContender(false);
            case "node-ws-tick" -> new NodeContender(true);
            default -> netty(name, mode, sessions, loops);
        };
    }

    private static Contender netty(String name, Mode mode, int sessions, int loops) {
        boolean tickAtOnce = name.endsWith(TICK);
        String plain = tickAtOnce ? name.substring(0, name.length() - TICK.length()) : name;
        if (!ALL.contains(plain)) {
            throw new IllegalArgumentException("no contender " + name + "; there are " + ALL);
        }
        NettyTransport transport = NettyTransport.of(plain);
        return mode == Mode.INLINE
                ? new NettyInlineContender(transport, tickAtOnce, sessions)
                : new NettyLoopContender(transport, tickAtOnce, sessions, loops);
    }
}
