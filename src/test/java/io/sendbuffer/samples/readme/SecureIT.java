/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.Pools;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.tls.TlsIdentity;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SecureIT {
    @Test
    void shouldEchoOverTls() throws Exception {
        TlsIdentity identity = TlsIdentity.shared();
        byte[] hello = "hello".getBytes(StandardCharsets.US_ASCII);
        ServerSocketChannel server = Loopback.listen(1);
        int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
        try (LoopRunner runner = new Secure(Pools.create()).serve(server, identity.serverContext());
                SSLSocket client =
                        (SSLSocket) identity.clientContext().getSocketFactory().createSocket("127.0.0.1", port)) {
            client.getOutputStream().write(hello);
            assertArrayEquals(hello, client.getInputStream().readNBytes(hello.length));
            client.shutdownOutput();
            assertEquals(-1, client.getInputStream().read(), "a close_notify came");
        }
    }
}
