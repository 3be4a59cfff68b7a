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
    public static final List<String> ALL =
            List.of("floor", "copy", "sendbuffer", "sendbuffer-log", "netty-nio", "netty-epoll", "netty-io_uring");

    private Contenders() {}

    /** Floor and copy have no event loop. */
    public static boolean exists(String name, Mode mode) {
        return ALL.contains(name)
                && (mode == Mode.INLINE || !List.of("floor", "copy").contains(name));
    }

    /** Whether the library is compared with this contender. */
    public static boolean isPeer(String name) {
        return name.startsWith("netty-");
    }

    static Contender create(String name, Mode mode, int sessions) throws IOException {
        return switch (name) {
            case "floor" -> new FloorContender();
            case "copy" -> new CopyContender();
            case "sendbuffer" -> new SendBufferContender(mode);
            case "sendbuffer-log" -> new LogContender();
            case "netty-nio" -> netty(NettyTransport.NIO, mode, sessions);
            case "netty-epoll" -> netty(NettyTransport.EPOLL, mode, sessions);
            case "netty-io_uring" -> netty(NettyTransport.IO_URING, mode, sessions);
            default -> throw new IllegalArgumentException("no contender " + name + "; there are " + ALL);
        };
    }

    private static Contender netty(NettyTransport transport, Mode mode, int sessions) {
        return mode == Mode.INLINE
                ? new NettyInlineContender(transport, sessions)
                : new NettyLoopContender(transport, sessions);
    }
}
