/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.net.Contender;
import io.sendbuffer.session.WriteMode;
import java.io.IOException;
import java.util.List;

/** The contenders by their names. */
final class WebContenders {
    static final String OWN = "sendbuffer";
    static final String OWN_INLINE = "sendbuffer-inline";
    static final String NETTY = "netty";
    static final String NETTY_EXPERT = "netty-expert";
    static final String NETTY_EXPERT_TICK = "netty-expert-tick";
    static final String JETTY = "jetty";
    static final String JAVA_WEBSOCKET = "java-websocket";
    static final String NODE = "node-ws";

    /** In the order in which tables show them. */
    static final List<String> ALL =
            List.of(OWN, OWN_INLINE, NETTY, NETTY_EXPERT, NETTY_EXPERT_TICK, JETTY, JAVA_WEBSOCKET, NODE);

    static final List<String> OURS = List.of(OWN, OWN_INLINE);

    /** Those that deflate a message for each connection. */
    static final List<String> JAVA_SERVERS = List.of(NETTY, JETTY, JAVA_WEBSOCKET);

    /** What all of them have as the default. */
    static final int DEFLATE_LEVEL = 6;

    private WebContenders() {}

    /** Whether it does with n messages in a tick what no other contender does. */
    static boolean differs(String name, int messages) {
        return messages > 1 || !name.equals(NETTY_EXPERT_TICK);
    }

    static Contender create(String name, int clients, boolean deflates) throws IOException, InterruptedException {
        return switch (name) {
            case OWN -> new OwnWebContender(clients, deflates, WriteMode.LOOP);
            case OWN_INLINE -> new OwnWebContender(clients, deflates, WriteMode.INLINE);
            case NETTY -> new NettyGroupContender(clients, deflates);
            case NETTY_EXPERT -> new NettyExpertContender(clients, deflates, false);
            case NETTY_EXPERT_TICK -> new NettyExpertContender(clients, deflates, true);
            case JETTY -> new JettyContender(clients, deflates);
            case JAVA_WEBSOCKET -> new JavaWebSocketContender(clients, deflates);
            case NODE -> new NodeWebContender(deflates);
            default -> throw new IllegalArgumentException("no contender " + name + "; there are " + ALL);
        };
    }
}
