/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A client that sends what a test says, and reads what comes. */
final class RawWebClient implements AutoCloseable {
    static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    static final String HANDSHAKE = "Host: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + "\r\n";
    static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

    final Socket socket;
    final DataInputStream in;
    final OutputStream out;

    RawWebClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    RawWebClient(Socket connected) throws IOException {
        socket = connected;
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
    }

    /** Makes a WebSocket of it. */
    RawWebClient shakeHands(String path, String fields) throws IOException {
        send("GET " + path + " HTTP/1.1\r\n" + HANDSHAKE + fields + "\r\n");
        String head = readHead();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("no WebSocket: " + head);
        }
        return this;
    }

    void send(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    void send(ClientFrames frames) throws IOException {
        out.write(frames.toBytes());
        out.flush();
    }

    /** Up to the empty line. */
    String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return head.toString();
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** Whether something has come, or the end. Looks for a moment: TLS knows what came when it has read it. */
    boolean hasInput() throws IOException {
        socket.setSoTimeout(1);
        in.mark(1);
        try {
            in.read();
            in.reset();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } finally {
            socket.setSoTimeout(0);
        }
    }

    /** All until the end. */
    String readRest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the end, behind " + line);
            }
            line.append((char) next);
        }
        return line.toString();
    }

    static final class Frame {
        private final int first;
        private final byte[] payload;

        Frame(int first, byte[] payload) {
            this.first = first;
            this.payload = payload;
        }

        int first() {
            return first;
        }

        byte[] payload() {
            return payload;
        }

        String text() throws DataFormatException {
            byte[] bytes = (first & ClientFrames.RSV1) != 0 ? inflated() : payload;
            return new String(bytes, StandardCharsets.UTF_8);
        }

        private byte[] inflated() throws DataFormatException {
            Inflater inflater = new Inflater(true);
            byte[] input = java.util.Arrays.copyOf(payload, payload.length + 4);
            input[payload.length + 2] = (byte) 0xFF;
            input[payload.length + 3] = (byte) 0xFF;
            inflater.setInput(input);
            byte[] output = new byte[1 << 20];
            int length = inflater.inflate(output);
            inflater.end();
            return java.util.Arrays.copyOf(output, length);
        }
    }

    Frame readFrame() throws IOException {
        int first = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        if (length > 127) {
            throw new IOException("a server does not mask");
        }
        long bytes = length < 126 ? length : length == 126 ? in.readUnsignedShort() : in.readLong();
        return new Frame(first, in.readNBytes((int) bytes));
    }

    /** The code of a close frame, behind which the connection ends. */
    int readClose() throws IOException {
        Frame frame = readFrame();
        if (frame.first() != 0x88) {
            throw new IOException("no close frame: " + frame.first());
        }
        int code = frame.payload().length < 2 ? 1005 : ((frame.payload()[0] & 0xFF) << 8) | (frame.payload()[1] & 0xFF);
        if (in.read() >= 0) {
            throw new IOException("something follows the close frame");
        }
        return code;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
