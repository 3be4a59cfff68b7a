/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SendWriter;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;

/** The examples of the guide that write messages. */
final class Messages implements AutoCloseable {
    private final SendBufferPool pool;
    private final SendWriter writer;
    private final SendBatch batch = new SendBatch();
    private final SendBuffer greeting;

    Messages(SendBufferPool pool) {
        this.pool = pool;
        this.writer = pool.writer(1 << 20);
        this.greeting = greeting();
    }

    // README: batch
    /** What has changed in a tick, in one step for each player, and mostly in one write. */
    int endOfTick(SessionGroup players, Map<Integer, Long> positions) {
        try (batch) { // one for each thread that sends; gives its references back
            positions.forEach((object, position) -> {
                try (SendBuffer message = pool.tryAcquire(12)) {
                    if (message != null) { // else it is in the next tick
                        batch.add(message.putInt(object).putLong(position).seal());
                    }
                }
            });
            return players.broadcast(batch.seal());
        }
    }
    // README: end

    // README: header
    /** A WebSocket text frame: its header depends on the payload's length, and is written in front of the payload. */
    SendBuffer textFrame(CharSequence text) {
        SendBuffer frame = pool.acquire(10 + SendBuffer.utf8Length(text)).headroom(10);
        int length = frame.putUtf8(text).length();
        if (length < 126) {
            frame.prependByte(length);
        } else if (length < 65_536) {
            frame.prependShort(length).prependByte(126);
        } else {
            frame.prependLong(length).prependByte(127);
        }
        return frame.prependByte(0x81).seal(); // what is left of the headroom is not sent
    }
    // README: end

    // README: reply
    /** An array of bulk strings of the Redis protocol. The writer is one for each thread: pool.writer(1 << 20). */
    SendBuffer reply(Collection<String> names) {
        try (writer) { // forgets the beginning of a reply that could not be written to its end
            writer.putByte('*').putIntAscii(names.size()).putAscii("\r\n");
            for (String name : names) {
                writer.putByte('$').putIntAscii(SendBuffer.utf8Length(name)).putAscii("\r\n");
                writer.putUtf8(name).putAscii("\r\n");
            }
            return writer.seal();
        }
    }
    // README: end

    // README: page
    /** Made once, when the server starts, and released before the pool is closed. */
    private SendBuffer greeting() {
        return pool.constant("+HELLO 1\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    // README: end

    void greet(Session session) {
        session.send(greeting);
    }

    /** Before the pool is closed. */
    @Override
    public void close() {
        greeting.release();
    }
}
