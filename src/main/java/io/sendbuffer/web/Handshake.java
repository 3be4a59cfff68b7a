/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The opening handshake of RFC 6455, the server's half. */
final class Handshake {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;
    private static final int KEY_CHARS = 24;

    private Handshake() {}

    /** Throws the error that answers the request, if it is none for a WebSocket. */
    static void check(WebRequest request) {
        if (!request.hasElement("upgrade", "websocket")) {
            throw new HttpException(HttpStatus.UPGRADE_REQUIRED);
        }
        if (!request.hasElement("connection", "upgrade") || request.isHttp10() || request.hasBody()) {
            throw new HttpException(HttpStatus.BAD_REQUEST);
        }
        List<String> versions = request.headers("sec-websocket-version");
        if (versions.size() != 1 || !versions.get(0).equals("13")) {
            throw new HttpException(HttpStatus.UPGRADE_REQUIRED);
        }
        List<String> keys = request.headers("sec-websocket-key");
        if (keys.size() != 1 || !isKey(keys.get(0))) {
            throw new HttpException(HttpStatus.BAD_REQUEST);
        }
    }

    private static boolean isKey(String key) {
        try {
            return key.length() == KEY_CHARS && Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Of the protocols that the server has, in the order of its preference, the first that the client offers. */
    static @Nullable String choose(List<String> ours, WebRequest request) {
        List<String> offered = request.elements("sec-websocket-protocol");
        return ours.stream().filter(offered::contains).findFirst().orElse(null);
    }

    /** The answer that makes it a WebSocket. */
    static SendBuffer answer(
            SendBufferPool pool, WebRequest request, @Nullable String protocol, @Nullable String extension) {
        String key = request.header("sec-websocket-key");
        StringBuilder answer = new StringBuilder(256)
                .append("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
                .append("Sec-WebSocket-Accept: ")
                .append(acceptOf(key == null ? "" : key))
                .append("\r\n");
        if (protocol != null) {
            answer.append("Sec-WebSocket-Protocol: ").append(protocol).append("\r\n");
        }
        if (extension != null) {
            answer.append("Sec-WebSocket-Extensions: ").append(extension).append("\r\n");
        }
        answer.append("\r\n");
        return pool.acquire(answer.length()).putAscii(answer).seal();
    }

    static String acceptOf(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
