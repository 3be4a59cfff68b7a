/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a reader made of a stream, as text. */
final class ReadEvents implements WebSocketReader.Handler {
    final List<String> events = new ArrayList<>();

    @Override
    public void onText(ByteBuffer utf8) {
        events.add("text:" + StandardCharsets.UTF_8.decode(utf8));
    }

    @Override
    public void onBinary(ByteBuffer bytes) {
        events.add("binary:" + hex(bytes));
    }

    @Override
    public void onPing(ByteBuffer payload) {
        events.add("ping:" + hex(payload));
    }

    @Override
    public void onPong(ByteBuffer payload) {
        events.add("pong:" + hex(payload));
    }

    @Override
    public void onClose(int code, ByteBuffer reason) {
        events.add("close:" + code + ":" + StandardCharsets.UTF_8.decode(reason));
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return HexFormat.of().formatHex(copy);
    }

    /** Reads a stream that was cut at these places, which ascend. */
    static List<String> of(
            SendBufferPool pool,
            int maxMessage,
            @Nullable Spare<MessageInflater> inflaters,
            byte[] stream,
            int... cuts) {
        ReadEvents result = new ReadEvents();
        WebSocketReader reader = new WebSocketReader(pool, maxMessage, inflaters, result);
        ByteBuffer receiveBuffer = ByteBuffer.allocateDirect(stream.length);
        try {
            int from = 0;
            for (int i = 0; i <= cuts.length; i++) {
                int to = i < cuts.length ? cuts[i] : stream.length;
                reader.read(receiveBuffer.clear().put(stream, from, to - from).flip());
                from = to;
            }
        } catch (WebSocketException e) {
            result.events.add("error:" + e.code());
        } finally {
            reader.close();
        }
        return result.events;
    }
}
