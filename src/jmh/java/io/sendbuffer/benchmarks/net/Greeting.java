/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** What a client says to a server before it gets messages, and what it is answered. */
public enum Greeting {
    NONE("", ""),

    SUBSCRIBE("*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"),

    WEB_SOCKET(upgrade(""), "\r\n\r\n"),

    /** As browsers offer it. */
    DEFLATED_WEB_SOCKET(
            upgrade("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"), "\r\n\r\n");

    private final String request;
    private final String endOfAnswer;

    Greeting(String request, String endOfAnswer) {
        this.request = request;
        this.endOfAnswer = endOfAnswer;
    }

    private static String upgrade(String more) {
        return String.join(
                        "\r\n",
                        "GET / HTTP/1.1",
                        "Host: 127.0.0.1",
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                        "Sec-WebSocket-Version: 13",
                        "")
                + more
                + "\r\n";
    }

    /** On a blocking channel. Returns when the answer is complete: no message has come by then. */
    public void exchange(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        StringBuilder answer = new StringBuilder();
        ByteBuffer received = ByteBuffer.allocate(1024);
        while (!answer.toString().endsWith(endOfAnswer)) {
            if (channel.read(received.clear()) < 0) {
                throw new EOFException("the server has answered only: " + answer);
            }
            answer.append(StandardCharsets.US_ASCII.decode(received.flip()));
        }
    }
}
