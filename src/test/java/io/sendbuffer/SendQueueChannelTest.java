/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.offerAll;
import static io.sendbuffer.TextMessages.releaseAll;
import static io.sendbuffer.TextMessages.separate;
import static io.sendbuffer.TextMessages.text;
import static io.sendbuffer.TextMessages.textOf;
import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.GatheringByteChannel;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What kinds of channel there may be, and what a channel may do to the views that it is given. */
class SendQueueChannelTest {
    private final SendBufferPool pool = Pools.create();
    private final SendQueue queue = new SendQueue();
    private final HostileChannel honest = HostileChannel.takingAll();

    @Test
    void shouldRefuseADatagramChannelBeforeAnythingIsClaimed() throws IOException {
        List<SendBuffer> messages = separate(pool, "one", "two");
        offerAll(queue, messages);
        try (DatagramChannel datagrams = DatagramChannel.open()) {
            assertSays(
                    assertThrows(IllegalArgumentException.class, () -> queue.flush(datagrams)),
                    "datagram",
                    "no stream of bytes");
            assertThrows(IllegalArgumentException.class, () -> queue.flush(datagrams, 1));
        }
        assertNull(queue.failure());
        assertEquals(6, queue.queuedBytes());
        assertEquals(FlushResult.DRAINED, queue.flush(honest));
        assertEquals("onetwo", textOf(honest));
        releaseAll(messages);
    }

    /** Takes all, and leaves its buffers in a state that no other channel should see. */
    private static final class Vandal implements GatheringByteChannel {
        private final boolean overwritesTheArray;
        private int taken;

        Vandal(boolean overwritesTheArray) {
            this.overwritesTheArray = overwritesTheArray;
        }

        @Override
        public int write(ByteBuffer source) {
            int bytes = source.remaining();
            assertThrows(ReadOnlyBufferException.class, () -> source.put(0, (byte) 'X'));
            assertTrue(source.isReadOnly() && source.isDirect());
            source.order(ByteOrder.LITTLE_ENDIAN).clear().position(1).mark().limit(2);
            taken += bytes;
            return bytes;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            long bytes = 0;
            for (int i = offset; i < offset + length; i++) {
                bytes += write(sources[i]);
            }
            if (overwritesTheArray) {
                Arrays.fill(sources, ByteBuffer.allocate(3));
                sources[0] = null;
            }
            return bytes;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void shouldGiveTheNextChannelViewsAsNewWhateverTheLastOneDid() {
        for (boolean overwritesTheArray : new boolean[] {false, true}) {
            List<SendBuffer> messages = separate(pool, "ab", "cd", "ef");
            SendQueue vandals = new SendQueue();
            Vandal vandal = new Vandal(overwritesTheArray);
            for (int i = 0; i < 10; i++) {
                offerAll(vandals, messages);
                assertEquals(FlushResult.DRAINED, vandals.flush(vandal));
            }
            assertEquals(60, vandal.taken);
            GatheringByteChannel checking = new CheckingChannel();
            for (int i = 0; i < 10; i++) {
                offerAll(queue, messages);
                assertEquals(FlushResult.DRAINED, queue.flush(checking), () -> String.valueOf(queue.failure()));
                SendQueue other = new SendQueue();
                offerAll(other, messages);
                assertEquals(FlushResult.DRAINED, other.flush(honest));
            }
            releaseAll(messages);
        }
        assertEquals("abcdef".repeat(20), textOf(honest));
        try (SendBuffer later = text(pool, "later")) {
            assertEquals(ByteOrder.BIG_ENDIAN, later.asReadOnlyByteBuffer().order());
        }
    }

    /** Fails unless each view is in its initial state. */
    private static final class CheckingChannel implements GatheringByteChannel {
        @Override
        public int write(ByteBuffer source) {
            int bytes = source.remaining();
            assertEquals(ByteOrder.BIG_ENDIAN, source.order());
            assertEquals(2, bytes);
            source.position(source.limit());
            return bytes;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            long bytes = 0;
            for (int i = offset; i < offset + length; i++) {
                bytes += write(sources[i]);
            }
            return bytes;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
