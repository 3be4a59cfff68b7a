/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.SendBufferPool;
import io.sendbuffer.fuzz.FuzzInput;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** What holds for any bytes of a peer, in each format: they are read alike however they come, and nothing is kept. */
final class FramesFuzz {
    private static final List<Wire> WIRES = Wire.all();
    private static final int MAX_LENGTH = 100;
    private static final byte ANNOUNCES = 'a';

    private final SendBufferPool pool;

    FramesFuzz(SendBufferPool pool) {
        this.pool = pool;
    }

    /**
     * The options modulo the number of formats are the format; what is left says whether frames that are too long are
     * left out, and whether frames are handed over whole.
     */
    void read(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        List<String> whole = eventsOf(input);
        assertEquals(whole, eventsOf(input, input.cuts()), "in pieces");
        assertEquals(whole, eventsOf(input, input.everywhere()), "byte by byte");
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    private List<String> eventsOf(FuzzInput input, int... cuts) {
        List<String> events = new ArrayList<>();
        int rest = input.options() / WIRES.size();
        FrameFormat format = WIRES.get(input.options() % WIRES.size()).format().maxLength(MAX_LENGTH);
        FrameReader[] reader = new FrameReader[1];
        reader[0] =
                ((rest & 1) != 0 ? format.whole() : format).reader(pool, frame -> onFrame(reader[0], frame, events));
        if ((rest & 2) != 0) {
            reader[0].skipTooLong(() -> events.add("too long"));
        }
        byte[] stream = input.stream();
        int from = 0;
        try {
            for (int i = 0; i <= cuts.length; i++) {
                int to = i < cuts.length ? cuts[i] : stream.length;
                reader[0].read(ByteBuffer.wrap(stream, from, to - from));
                from = to;
            }
            reader[0].end();
        } catch (FrameException e) {
            events.add("error:" + e.reason());
        } finally {
            reader[0].close();
        }
        return events;
    }

    /** A frame that begins with a certain letter announces one of as many bytes as its last byte says. */
    private static void onFrame(FrameReader reader, ByteBuffer frame, List<String> events) {
        byte[] bytes = Wire.bytes(frame);
        events.add(HexFormat.of().formatHex(bytes));
        if (bytes.length > 1 && bytes[0] == ANNOUNCES) {
            reader.expect(1 + (bytes[bytes.length - 1] & 0xFF));
        }
    }
}
