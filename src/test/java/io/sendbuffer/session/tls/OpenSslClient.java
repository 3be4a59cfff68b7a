/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The OpenSSL client in a separate process; it complains about a stream that ends without a close_notify. */
final class OpenSslClient extends TlsClient {
    private static final long PATIENCE_SECONDS = 20;

    private final Process process;

    private OpenSslClient(int index, Process process) throws IOException {
        super(index, process.getInputStream(), process.getOutputStream());
        this.process = process;
    }

    /** Skips the test where there is no OpenSSL. */
    static void assumePresent() throws Exception {
        int exit;
        try {
            exit = end(new ProcessBuilder("openssl", "version").start());
        } catch (IOException e) {
            exit = -1;
        }
        assumeTrue(exit == 0, "there is no openssl");
    }

    /** Connects, and exits at once if the certificate is not that of the server. */
    static OpenSslClient connect(ServerSocketChannel server, TlsIdentity identity, String protocol, int index)
            throws IOException {
        int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
        List<String> command = List.of(
                "openssl",
                "s_client",
                "-quiet",
                "-connect",
                "127.0.0.1:" + port,
                "-CAfile",
                identity.certificate.toString(),
                "-verify_return_error",
                "-verify_ip",
                "127.0.0.1",
                protocol.equals("TLSv1.2") ? "-tls1_2" : "-tls1_3");
        return new OpenSslClient(index, new ProcessBuilder(command).start());
    }

    @Override
    void awaitProperEnd() throws Exception {
        super.awaitProperEnd();
        String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, end(process), said);
    }

    private static int end(Process process) throws Exception {
        try {
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "openssl did not end");
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
