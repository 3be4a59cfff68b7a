/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.session.Frames;
import io.sendbuffer.session.Sequences;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Checks the bytes of one session as they arrive. One thread at a time. */
final class SoakStream {
    private static final int BUFFER = 8 << 10;

    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER);
    private final Frames.Parser parser = new Frames.Parser();
    private final SoakTally tally;
    private final LongAdder receivedFromHost;
    private final Frames.Receiver receiver;

    SoakStream(
            SoakTally tally,
            String host,
            SoakExpectation expectation,
            int senders,
            @Nullable SoakSubscriber subscriber) {
        this.tally = tally;
        this.receivedFromHost = tally.receivedFrom(host);
        Sequences sequences = new Sequences(Sequences.Rule.RISING, senders);
        this.receiver = (sender, sequence) -> {
            if (sender >= senders && subscriber != null) {
                subscriber.arrived(sender, sequence);
            } else {
                sequences.add(sender, sequence);
                expectation.arrived(sender, sequence);
            }
            tally.received.increment();
            receivedFromHost.increment();
        };
    }

    /** Reads at most this many bytes. Returns how many, or -1 at the end. */
    int read(ReadableByteChannel channel, int max) throws IOException {
        bytes.limit(Math.min(bytes.capacity(), bytes.position() + max));
        int count = channel.read(bytes);
        check(count);
        return count;
    }

    /** Takes at most this many bytes. Returns how many. */
    int take(ByteBuffer source, int max) {
        int count = Math.min(max, Math.min(source.remaining(), bytes.remaining()));
        int limit = source.limit();
        bytes.put(source.limit(source.position() + count));
        source.limit(limit);
        check(count);
        return count;
    }

    private void check(int count) {
        parser.parse(bytes.flip(), receiver);
        bytes.compact();
        if (count > 0) {
            tally.receivedBytes.add(count);
        }
    }

    /** True if the last message is complete. */
    boolean isAtBorder() {
        return bytes.position() == 0;
    }
}
