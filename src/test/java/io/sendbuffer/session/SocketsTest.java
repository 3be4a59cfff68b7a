/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which failures of a connect mean that it should be retried. */
class SocketsTest {
    private final SocketException tryAgain = new SocketException("Resource temporarily unavailable");

    private Path path = Path.of("");

    @BeforeEach
    void createFile(@TempDir Path directory) throws Exception {
        path = Files.createFile(directory.resolve("socket"));
    }

    private boolean isBacklogFull(SocketException failure, Locale locale) {
        return Sockets.isBacklogFull(UnixDomainSocketAddress.of(path), failure, locale);
    }

    @Test
    void shouldKnowAFullBacklogInAnyLanguage() {
        assertTrue(isBacklogFull(tryAgain, Locale.ENGLISH));
        assertTrue(isBacklogFull(tryAgain, Locale.GERMAN), "the system's language need not be that of the JVM");
        assertTrue(
                isBacklogFull(new SocketException("Die Ressource ist zur Zeit nicht verf\u00fcgbar"), Locale.GERMAN));
    }

    @Test
    void shouldNotTakeAnotherFailureForIt() throws Exception {
        assertFalse(isBacklogFull(new SocketException("Protocol wrong type for socket"), Locale.ENGLISH));
        assertFalse(isBacklogFull(new SocketException(), Locale.GERMAN));
        assertFalse(isBacklogFull(new ConnectException("Verbindungsaufbau abgelehnt"), Locale.GERMAN));
        assertFalse(isBacklogFull(new BindException("Keine Berechtigung"), Locale.GERMAN));
        InetSocketAddress internet = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        assertFalse(Sockets.isBacklogFull(internet, tryAgain, Locale.ENGLISH));
        Files.delete(path);
        assertFalse(isBacklogFull(tryAgain, Locale.ENGLISH));
    }
}
