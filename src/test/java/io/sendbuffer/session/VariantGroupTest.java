/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.MessageClass;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A message is encoded once for each variant that has members, and no reference is lost whatever an encoder does. */
@Timeout(30)
class VariantGroupTest {
    private static final int PLAIN = 0;
    private static final int LEFT_OUT = 1;
    private static final int TWICE = 2;
    private static final int FAILING = 3;
    private static final int VARIANTS = 4;

    private final SendBufferPool pool = Pools.create();
    private final int[] encoded = new int[VARIANTS];
    private final Variants messages = new Variants(VARIANTS, this::encode);
    private final VariantGroup group = new VariantGroup(VARIANTS);
    private HandDrivenLoop loop;

    @BeforeEach
    void open() throws IOException {
        loop = new HandDrivenLoop(WriteMode.INLINE);
    }

    @AfterEach
    void close() {
        messages.clear();
        loop.close();
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    private @Nullable SendBuffer encode(int variant, SendBuffer message) {
        encoded[variant]++;
        return switch (variant) {
            case PLAIN -> message.retain();
            case LEFT_OUT -> null;
            case TWICE -> {
                SendBuffer twice = pool.acquire(2 * message.length());
                yield twice.putBytes(message, 0, message.length())
                        .putBytes(message, 0, message.length())
                        .seal();
            }
            default -> throw new IllegalArgumentException("this one fails");
        };
    }

    private void add(int... numbers) {
        for (int number : numbers) {
            try (SendBuffer message = pool.acquire(4).putInt(number).seal()) {
                messages.add(message);
            }
        }
    }

    private List<Loopback> join(VariantGroup to, int variant, int count) throws IOException {
        List<Loopback> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Loopback peer = loop.connect();
            assertTrue(to.add(loop.open(peer, new RecordingListener()), variant));
            peers.add(peer);
        }
        return peers;
    }

    private static void require(List<Loopback> peers, int... numbers) throws Exception {
        for (Loopback peer : peers) {
            for (int number : numbers) {
                assertEquals(number, ByteBuffer.wrap(peer.readFully(4)).getInt());
            }
        }
    }

    @Test
    void shouldEncodeOnceForEachVariantThatHasMembers() throws Exception {
        List<Loopback> plain = join(group, PLAIN, 2);
        List<Loopback> twice = join(group, TWICE, 3);
        VariantGroup other = new VariantGroup(VARIANTS);
        List<Loopback> others = join(other, TWICE, 2);
        add(7, 8);

        assertEquals(5, group.broadcast(messages));
        assertEquals(2, other.broadcast(messages));

        assertArrayEquals(new int[] {2, 0, 2, 0}, encoded);
        require(plain, 7, 8);
        require(twice, 7, 7, 8, 8);
        require(others, 7, 7, 8, 8);
    }

    @Test
    void shouldLeaveOutWhatAVariantDoesNotHave() throws Exception {
        join(group, LEFT_OUT, 2);
        List<Loopback> plain = join(group, PLAIN, 1);
        add(1);

        assertEquals(1, group.broadcast(messages));

        require(plain, 1);
    }

    @Test
    void shouldSendToTheOthersAndLoseNothingWhenAnEncoderThrows() throws Exception {
        List<Loopback> plain = join(group, PLAIN, 1);
        join(group, FAILING, 1);
        add(1);

        assertThrows(IllegalArgumentException.class, () -> group.broadcast(messages));

        require(plain, 1);
        messages.clear();
        group.members(FAILING).forEach(group::remove);
        add(2);
        assertEquals(1, group.broadcast(messages));
        require(plain, 2);
    }

    @Test
    void shouldSendToThoseThatPassAFilter() throws Exception {
        List<Loopback> plain = join(group, PLAIN, 2);
        List<Loopback> twice = join(group, TWICE, 2);
        List<Session> chosen = new ArrayList<>();
        group.members(PLAIN).forEach(member -> chosen.add(chosen.isEmpty() ? member : chosen.get(0)));
        group.members(TWICE).forEach(chosen::add);
        chosen.remove(chosen.size() - 1);
        add(1);
        assertEquals(2, group.broadcast(messages, chosen::contains));
        messages.clear();
        add(2);
        assertEquals(4, group.broadcast(messages));

        require(plain.subList(0, 1), 1, 2);
        require(plain.subList(1, 2), 2);
        require(twice.subList(0, 1), 1, 1, 2, 2);
        require(twice.subList(1, 2), 2, 2);
    }

    @Test
    void shouldGiveEachVariantTheAttributesOfItsMessage() throws Exception {
        loop.close();
        loop = new HandDrivenLoop(WriteMode.LOOP);
        List<Loopback> plain = join(group, PLAIN, 1);
        List<Loopback> twice = join(group, TWICE, 1);
        for (int number : new int[] {1, 2}) {
            try (SendBuffer first = pool.acquire(4).putInt(number).conflate(7).seal();
                    SendBuffer second = pool.acquire(4)
                            .putInt(10 * number)
                            .expireAfter(Duration.ofDays(1))
                            .messageClass(MessageClass.CONTROL)
                            .seal()) {
                messages.add(first).add(second);
                assertEquals(2, group.broadcast(messages));
                messages.clear();
            }
        }
        loop.dutyCycle();

        require(plain, 2, 10, 20); // in the place of the first
        require(twice, 2, 2, 10, 10, 20, 20);
        for (int variant : new int[] {PLAIN, TWICE}) {
            group.members(variant).forEach(member -> assertEquals(1, member.conflatedMessages()));
        }
    }

    @Test
    void shouldLeaveAMessageTheKeyThatItsEncoderGaveIt() throws Exception {
        loop.close();
        loop = new HandDrivenLoop(WriteMode.LOOP);
        VariantGroup single = new VariantGroup(1);
        List<Loopback> peers = join(single, 0, 1);
        try (Variants own = new Variants(
                        1,
                        (variant, message) -> pool.acquire(4)
                                .putInt(message.getInt(0))
                                .conflate(message.getInt(0))
                                .seal());
                SendBuffer first = pool.acquire(4).putInt(1).conflate(7).seal();
                SendBuffer second = pool.acquire(4).putInt(2).conflate(7).seal()) {
            single.broadcast(own.add(first).add(second));
        }
        loop.dutyCycle();

        require(peers, 1, 2);
    }

    @Test
    void shouldHaveASessionInOneVariantAtATime() throws Exception {
        Loopback peer = loop.connect();
        Session session = loop.open(peer, new RecordingListener());
        assertTrue(group.add(session, PLAIN));
        assertFalse(group.add(session, PLAIN));

        assertTrue(group.add(session, TWICE));

        assertEquals(1, group.size());
        add(5);
        assertEquals(1, group.broadcast(messages));
        require(List.of(peer), 5, 5);
        assertTrue(group.remove(session));
        assertFalse(group.remove(session));
        assertEquals(0, group.broadcast(messages));
    }

    @Test
    void shouldAppendToALogOfEachVariant() throws Exception {
        Loopback peer = loop.connect();
        Session session = loop.open(peer, new RecordingListener());
        try (BroadcastLog log = BroadcastLog.builder(pool).build()) {
            session.subscribe(log);
            loop.dutyCycle();
            add(3, 4);
            log.append(messages.batch(TWICE));
            loop.dutyCycle();
            require(List.of(peer), 3, 3, 4, 4);
        }
        session.abort();
    }

    @Test
    void shouldRefuseWhatIsOutOfPlace() throws Exception {
        join(group, PLAIN, 1);
        try (SendBuffer unsealed = pool.acquire(4)) {
            assertThrows(IllegalStateException.class, () -> messages.add(unsealed));
        }
        add(1);
        group.broadcast(messages);
        assertThrows(IllegalStateException.class, () -> add(2), "they were sent");
        assertThrows(IndexOutOfBoundsException.class, () -> group.members(VARIANTS));
        assertThrows(IllegalArgumentException.class, () -> new VariantGroup(VARIANTS - 1).broadcast(messages));
        assertThrows(IllegalArgumentException.class, () -> new VariantGroup(0));
        assertThrows(IllegalArgumentException.class, () -> new Variants(257, this::encode));
    }
}
