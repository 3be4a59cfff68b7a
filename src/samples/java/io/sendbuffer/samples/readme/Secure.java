/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import io.sendbuffer.SendBufferPool;
import io.sendbuffer.samples.tls.TlsLayer;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import javax.net.ssl.SSLContext;

/** The example of the guide that has TLS: one thread for all clients. */
final class Secure {
    private final SendBufferPool pool;

    Secure(SendBufferPool pool) {
        this.pool = pool;
    }

    // README: tls
    LoopRunner serve(ServerSocketChannel server, SSLContext context) throws IOException {
        SendLoop loop = SendLoop.builder().build();
        loop.listen(server, TlsLayer.server(context), connection -> new Echo(pool));
        return loop.start(); // one thread for all clients, and for their handshakes
    }

    /** In onInputEnded: whether the client itself ended its stream, or somebody cut it off. */
    static boolean saidGoodbye(Session session) {
        return session.layer() instanceof TlsLayer tls && tls.peerSaidGoodbye();
    }
    // README: end
}
