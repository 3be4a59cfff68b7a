/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What {@code nc} is to a person: a socket that sends text and reads lines. A read that gets nothing fails in time. */
final class LineClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket = new Socket();
    private final InputStream in;

    LineClient(int port) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getByName("localhost"), port), PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Sends the text as it is, including its line ends. */
    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void endInput() throws IOException {
        socket.shutdownOutput();
    }

    /** The next line without its LF, or null at the end of the stream. */
    @Nullable
    String nextLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next;
        while ((next = in.read()) != '\n') {
            if (next < 0) {
                assertEquals(0, line.size(), "ended within a line");
                return null;
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    boolean hasInput() throws IOException {
        return in.available() > 0;
    }

    void expect(String... lines) throws IOException {
        for (String line : lines) {
            assertEquals(line, nextLine());
        }
    }

    void expectEnd() throws IOException {
        assertNull(nextLine());
    }

    /** Closes once the server has sent its last byte, or the connection is over: the server need not wait. */
    void leaveAtTheEnd() {
        try (this) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // there was no proper end to wait for
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
