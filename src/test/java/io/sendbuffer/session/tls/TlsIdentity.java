/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.session.Loopback;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import tlschannel.ClientTlsChannel;
import tlschannel.TlsChannel;

/** A key and a certificate for the loopback address, made by the JDK's {@code keytool}. No one else trusts them. */
public final class TlsIdentity {
    private static final String PASSWORD = "changeit";
    private static final String ALIAS = "server";
    private static final long PATIENCE_SECONDS = 30;

    private final KeyStore store;

    /** The certificate in the format that other programs read. */
    final Path certificate;

    private TlsIdentity(KeyStore store, Path certificate) {
        this.store = store;
        this.certificate = certificate;
    }

    /** One for all tests of this JVM that need no file of it. */
    public static TlsIdentity shared() {
        return Shared.IDENTITY;
    }

    private static final class Shared {
        static final TlsIdentity IDENTITY = create();

        private static TlsIdentity create() {
            try {
                Path directory = Files.createTempDirectory("sendbuffer-tls");
                try {
                    return TlsIdentity.create(directory);
                } finally {
                    Files.deleteIfExists(directory.resolve("server.p12"));
                    Files.deleteIfExists(directory.resolve("server.pem"));
                    Files.deleteIfExists(directory);
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A context with the key. */
    public SSLContext serverContext() throws IOException {
        try {
            return forServer();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** A context that trusts this certificate, and no other. */
    public SSLContext clientContext() throws IOException {
        try {
            return forClient();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** Creates an identity in an empty directory. */
    static TlsIdentity create(Path directory) throws Exception {
        Path file = directory.resolve("server.p12");
        Path certificate = directory.resolve("server.pem");
        List<String> which =
                List.of("-alias", ALIAS, "-keystore", file.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD);
        keytool(
                "-genkeypair",
                which,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "2",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=ip:127.0.0.1,dns:localhost");
        keytool("-exportcert", which, "-rfc", "-file", certificate.toString());
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream bytes = Files.newInputStream(file)) {
            store.load(bytes, PASSWORD.toCharArray());
        }
        return new TlsIdentity(store, certificate);
    }

    /** A context with the key. */
    SSLContext forServer() throws GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /** A context that trusts this certificate, and no other. */
    SSLContext forClient() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(ALIAS, store.getCertificate(ALIAS));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** A client without its own thread: after its handshake, it reads only when the caller reads. */
    TlsChannel connectLazily(ServerSocketChannel server, String protocol) throws Exception {
        SSLEngine engine = forClient().createSSLEngine("127.0.0.1", 0);
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {protocol});
        TlsChannel client = ClientTlsChannel.newBuilder(Loopback.connect(server, Loopback.SMALL), engine)
                .build();
        client.handshake();
        return client;
    }

    private static void keytool(String what, List<String> which, String... rest) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.add(what);
        command.addAll(which);
        command.addAll(List.of(rest));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "keytool did not end");
            assertEquals(0, process.exitValue(), said);
        } finally {
            process.destroyForcibly();
        }
    }
}
