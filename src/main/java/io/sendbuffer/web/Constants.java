/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.MessageClass;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The messages that a server sends again and again, made once. */
final class Constants {
    private static final int LAST_CLOSE_CODE = 1014;

    private final SendBufferPool pool;
    private final List<SendBuffer> all = new ArrayList<>();
    private final Map<HttpStatus, SendBuffer> errors = new EnumMap<>(HttpStatus.class);

    /** Without a reason. */
    private final Map<Integer, SendBuffer> closeFrames = new HashMap<>();

    final SendBuffer ping;
    final SendBuffer pong;
    final SendBuffer emptyClose;
    final SendBuffer emptyComment;
    final SendBuffer eventsHead;

    Constants(SendBufferPool pool) {
        this.pool = pool;
        for (HttpStatus status : HttpStatus.values()) {
            errors.put(status, ascii(status.answer()));
        }
        for (int code = CloseCodes.NORMAL; code <= LAST_CLOSE_CODE; code++) {
            if (CloseCodes.isValid(code)) {
                closeFrames.put(code, control(WebSocketFrames.CLOSE, 2, code >>> Byte.SIZE, code));
            }
        }
        ping = control(WebSocketFrames.PING, 0);
        pong = control(WebSocketFrames.PONG, 0);
        emptyClose = control(WebSocketFrames.CLOSE, 0);
        emptyComment = ascii(":\n\n").messageClass(MessageClass.CONTROL);
        eventsHead = ascii(String.join(
                "\r\n",
                "HTTP/1.1 200 OK",
                "Content-Type: text/event-stream",
                "Cache-Control: no-store",
                "X-Accel-Buffering: no",
                "Connection: close",
                "",
                ""));
    }

    private SendBuffer control(int opcode, int... rest) {
        byte[] frame = new byte[rest.length + 1];
        frame[0] = (byte) (WebSocketFrames.FINAL | opcode);
        for (int i = 0; i < rest.length; i++) {
            frame[i + 1] = (byte) rest[i];
        }
        return of(frame).messageClass(MessageClass.CONTROL);
    }

    private SendBuffer ascii(String text) {
        return of(text.getBytes(StandardCharsets.US_ASCII));
    }

    private SendBuffer of(byte[] bytes) {
        SendBuffer constant = pool.constant(bytes);
        all.add(constant);
        return constant;
    }

    SendBuffer errorAnswer(HttpStatus status) {
        SendBuffer answer = errors.get(status);
        if (answer == null) {
            throw new IllegalStateException("no answer for " + status);
        }
        return answer;
    }

    /** A reference that the caller releases. */
    SendBuffer closeFrame(int code, String reason) {
        SendBuffer shared = reason.isEmpty() ? closeFrames.get(code) : null;
        return shared != null
                ? shared.retain()
                : WebSocketFrames.close(pool, code, reason).messageClass(MessageClass.CONTROL);
    }

    Endpoint.Page page(String contentType, ByteBuffer body) {
        byte[] head = ("HTTP/1.1 200 OK\r\nContent-Type: " + contentType + "\r\nContent-Length: " + body.remaining()
                        + "\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer answer = ByteBuffer.allocate(head.length + body.remaining());
        answer.put(head).put(body.duplicate()).flip();
        SendBuffer constant = pool.constant(answer);
        all.add(constant);
        return new Endpoint.Page(constant, head.length);
    }

    void release() {
        all.forEach(SendBuffer::release);
        all.clear();
    }
}
