/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.SendBufferPool;
import io.sendbuffer.fuzz.FuzzInput;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What holds for any bytes that a client sends: they are read alike however they come, and nothing is kept. */
final class WebFuzz {
    private static final int MAX_MESSAGE = 5_000;

    private final SendBufferPool pool;

    WebFuzz(SendBufferPool pool) {
        this.pool = pool;
    }

    /** Option 1 has deflate negotiated. */
    void readFrames(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        Spare<MessageInflater> inflaters = new Spare<>(MessageInflater::new, MessageInflater::end);
        Spare<MessageInflater> negotiated = (input.options() & 1) != 0 ? inflaters : null;
        List<String> whole = eventsOf(negotiated, input.stream());
        assertEquals(whole, eventsOf(negotiated, input.stream(), input.cuts()), "in pieces");
        assertEquals(whole, eventsOf(negotiated, input.stream(), input.everywhere()), "byte by byte");
        inflaters.close();
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    private List<String> eventsOf(@Nullable Spare<MessageInflater> inflaters, byte[] stream, int... cuts) {
        return ReadEvents.of(pool, MAX_MESSAGE, inflaters, stream, cuts);
    }

    void readRequest(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        String whole = requestOf(input.stream());
        assertEquals(whole, requestOf(input.stream(), input.cuts()), "in pieces");
        assertEquals(whole, requestOf(input.stream(), input.everywhere()), "byte by byte");
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    /**
     * The request with its fields and the bytes that are left; or the status of the answer; or that more has to come.
     */
    private String requestOf(byte[] stream, int... cuts) {
        RequestReader reader = new RequestReader(pool);
        int from = 0;
        try {
            for (int i = 0; i <= cuts.length; i++) {
                int to = i < cuts.length ? cuts[i] : stream.length;
                ByteBuffer piece = ByteBuffer.wrap(stream, from, to - from);
                WebRequest request = reader.read(piece);
                if (request != null) {
                    return describe(request) + (stream.length - to + piece.remaining());
                }
                from = to;
            }
            return "incomplete";
        } catch (HttpException e) {
            return Integer.toString(e.status.code);
        } finally {
            reader.close();
        }
    }

    private static String describe(WebRequest request) {
        return request + " " + request.query() + " " + request.isSameOrigin() + " " + request.elements("connection")
                + " " + request.headers("sec-websocket-extensions") + DeflateOffers.accept(request) + " ";
    }
}
