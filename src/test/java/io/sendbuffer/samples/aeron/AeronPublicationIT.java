/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.FragmentAssembler;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import io.sendbuffer.samples.aeron.AeronPublisher.Offered;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.Frames;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Future;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages through the log of a real media driver, whose subscriber checks every byte. */
@Tag("agrona-flag") // the pom passes the flag only to tests with this tag
@Timeout(60)
class AeronPublicationIT {
    private static final int SENDERS = 2;
    private static final int MESSAGES_OF_A_SENDER = 2000;
    private static final int FRAGMENTS_OF_A_POLL = 10;

    private final long seed = TestSeed.next();
    private final SendBufferPool pool = Pools.create();
    private final Frames.Parser parser = new Frames.Parser();
    private final ByteBuffer copy = ByteBuffer.allocate(64 << 10);
    private final FragmentAssembler assembler =
            new FragmentAssembler((bytes, offset, length, header) -> check(bytes, offset, length));
    private final long[] received = new long[SENDERS];
    private EmbeddedAeron aeron;
    private Publication publication;
    private AeronPublisher publisher;

    @BeforeEach
    void open() {
        aeron = EmbeddedAeron.start();
        publication = aeron.addPublication();
        publisher = new AeronPublisher(publication);
    }

    @AfterEach
    void close() {
        Path directory = aeron.directory();
        assertTrue(Files.exists(directory));
        aeron.close();
        assertFalse(Files.exists(directory), "the driver's files are left over");
    }

    @Test
    void shouldDeliverEveryByteThatSeveralThreadsPublish() throws Exception {
        Subscription subscription = subscribe();
        Future<Boolean> publishing = Threads.start(() -> {
            Threads.runTogether(SENDERS, sender -> publish(new Frames.Writer(pool, sender, seed)));
            return true;
        });

        Await.until("everything arrived", () -> total() == SENDERS * MESSAGES_OF_A_SENDER, () -> poll(subscription));
        assertTrue(Threads.join(publishing));
        assertEquals(0, poll(subscription), "more arrived than was published" + TestSeed.hint(seed));
    }

    @Test
    void shouldNeedTheMessageNoLongerThanTheOffer() throws Exception {
        Subscription subscription = subscribe();
        Frames.Writer writer = new Frames.Writer(pool, 0, seed);
        Offered offered = Offered.TAKEN;
        long taken = 0;
        while (offered == Offered.TAKEN) { // until the log is full
            offered = offer(writer);
            taken += offered == Offered.TAKEN ? 1 : 0;
        }
        assertEquals(Offered.FULL, offered);
        assertTrue(taken > 1);
        assertEquals(0, pool.stats().outstandingBuffers(), "before any byte was read");
        overwriteThePool();

        long expected = taken;
        Await.until("all that was taken arrived", () -> total() == expected, () -> poll(subscription));
    }

    /** A reader that still looked at the pool's memory would find other bytes there now. */
    private void overwriteThePool() {
        for (int i = 0; i < 1000; i++) {
            try (SendBuffer other = pool.acquire(1000)) {
                other.putBytes(new byte[1000]).seal();
            }
        }
    }

    @Test
    void shouldTakeMessagesAgainWhenTheSubscriberCatchesUp() throws Exception {
        Subscription subscription = subscribe();
        try (SendBuffer message = new Frames.Writer(pool, 0, seed).next()) {
            Offered offered;
            do {
                offered = publisher.offer(message);
            } while (offered == Offered.TAKEN);
            assertEquals(Offered.FULL, offered);
            Await.until(
                    "there is room again",
                    () -> publisher.offer(message) == Offered.TAKEN,
                    () -> subscription.poll((bytes, offset, length, header) -> {}, FRAGMENTS_OF_A_POLL));
        }
    }

    @Test
    void shouldSayThatThereIsNoSubscriber() {
        assertEquals(Offered.NOT_CONNECTED, offer(new Frames.Writer(pool, 0, seed)));
    }

    @Test
    void shouldSayThatThePublicationIsClosed() throws Exception {
        subscribe();
        publication.close();
        assertEquals(Offered.ENDED, offer(new Frames.Writer(pool, 0, seed)));
    }

    @Test
    void shouldRefuseWhatIsTooLongForAMessage() throws Exception {
        subscribe();
        try (SendBuffer message = pool.acquire(publication.maxMessageLength() + 1)) {
            message.seal(message.capacity());
            assertThrows(IllegalArgumentException.class, () -> publisher.offer(message));
            assertEquals(1, message.referenceCount());
        }
    }

    // ---- the two ends

    private Subscription subscribe() throws Exception {
        Subscription subscription = aeron.addSubscription();
        Await.until("they are connected", () -> publication.isConnected() && subscription.isConnected());
        return subscription;
    }

    private void publish(Frames.Writer writer) throws Exception {
        for (int i = 0; i < MESSAGES_OF_A_SENDER; i++) {
            try (SendBuffer message = writer.next()) {
                Await.until("there is room", () -> publisher.offer(message) == Offered.TAKEN);
            }
        }
    }

    private Offered offer(Frames.Writer writer) {
        try (SendBuffer message = writer.next()) {
            return publisher.offer(message);
        }
    }

    private int poll(Subscription subscription) {
        return subscription.poll(assembler, FRAGMENTS_OF_A_POLL);
    }

    private void check(DirectBuffer bytes, int offset, int length) {
        bytes.getBytes(offset, copy.clear(), length);
        parser.parse(copy.flip(), (sender, sequence) -> assertEquals(received[sender]++, sequence, "out of order"));
        assertEquals(0, copy.remaining(), "a message came in pieces");
    }

    private long total() {
        return received[0] + received[1];
    }
}
