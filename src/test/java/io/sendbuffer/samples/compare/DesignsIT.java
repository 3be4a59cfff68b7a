/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.TestSeed;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.Loopback;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each design with real sockets. A client that does not read yet has the design write in parts. */
@Timeout(60)
class DesignsIT {
    private static final int TICKS = 200;
    private static final int MESSAGES_PER_TICK = 8;
    private static final int MAX_MESSAGE = 1_000;

    private final List<Loopback> clients = new ArrayList<>();
    private final List<ByteBuffer> received = new ArrayList<>();
    private final ByteArrayOutputStream published = new ByteArrayOutputStream();

    static Stream<Compare.DesignSource> all() {
        return Compare.DESIGNS.stream();
    }

    static Stream<Compare.DesignSource> thatSendATickAtOnce() {
        return Stream.of(() -> new CopyPerClient(true), () -> new SharedBuffer(true), () -> new SharedLog(true));
    }

    @AfterEach
    void closeClients() {
        CloseHelper.closeAll(clients);
    }

    @ParameterizedTest
    @MethodSource("all")
    void shouldSendEveryByteInOrderToASlowClientToo(Compare.DesignSource source) throws Exception {
        long seed = TestSeed.next();
        Random random = new Random(seed);
        try (BroadcastDesign design = source.create()) {
            open(design, 3);
            for (int i = 0; i < TICKS; i++) {
                publishTick(design, random);
                clients.get(0).read(received.get(0)); // one client keeps up
            }
            assertTrue(backlogOf(design) > 0, () -> "no client was slow" + TestSeed.hint(seed));
            Await.until("all is written" + TestSeed.hint(seed), () -> backlogOf(design) == 0, this::readAll);
            Await.until("the clients got all" + TestSeed.hint(seed), this::gotAll, this::readAll);
            Await.until("every buffer is back", () -> design.outstandingBuffers() == 0);
            for (ByteBuffer bytes : received) {
                byte[] got = new byte[bytes.position()];
                bytes.get(0, got);
                assertArrayEquals(published.toByteArray(), got, () -> design.name() + TestSeed.hint(seed));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("thatSendATickAtOnce")
    void shouldSendNothingBeforeTheTickEnds(Compare.DesignSource source) throws Exception {
        try (BroadcastDesign design = source.create()) {
            open(design, 1);
            design.publish(new byte[] {1, 2});
            design.publish(new byte[] {3});
            assertEquals(0, clients.get(0).read(ByteBuffer.allocate(8)));
            design.endTick();
            assertArrayEquals(new byte[] {1, 2, 3}, clients.get(0).readFully(3));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void shouldCountACopyForEachClientOrOneForAll(Compare.DesignSource source) throws Exception {
        try (BroadcastDesign design = source.create()) {
            open(design, 3);
            design.publish(new byte[100]);
            design.endTick();
            assertEquals(design instanceof CopyPerClient ? 300 : 100, design.copiedBytes());
            Await.until("all is written", () -> backlogOf(design) == 0);
        }
    }

    private void open(BroadcastDesign design, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            clients.add(Loopback.withSmallBuffers());
            received.add(ByteBuffer.allocate(TICKS * MESSAGES_PER_TICK * MAX_MESSAGE));
        }
        design.open(clients.stream().map(client -> client.ours).toList());
    }

    private void publishTick(BroadcastDesign design, Random random) throws IOException {
        for (int i = 0; i < MESSAGES_PER_TICK; i++) {
            byte[] message = new byte[1 + random.nextInt(MAX_MESSAGE)];
            random.nextBytes(message);
            published.writeBytes(message);
            design.publish(message);
        }
        design.endTick();
    }

    private void readAll() throws IOException {
        for (int i = 0; i < clients.size(); i++) {
            clients.get(i).read(received.get(i));
        }
    }

    private boolean gotAll() {
        return received.stream().allMatch(bytes -> bytes.position() == published.size());
    }

    private static long backlogOf(BroadcastDesign design) {
        try {
            return design.backlogBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
