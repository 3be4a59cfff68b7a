/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.session.Await;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.InvalidMarkException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of every kind of session: each time, a listener receives a buffer in its initial state. */
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class ContractReceiveIT extends ContractTest {
    private static final int ROUNDS = 5;

    private final List<String> faults = new CopyOnWriteArrayList<>();
    private final AtomicInteger received = new AtomicInteger();

    ContractReceiveIT(SessionKind kind) {
        super(kind);
    }

    /** What a listener may do to its buffer. */
    record Misuse(String name, Consumer<ByteBuffer> action) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Misuse> misuses() {
        return Stream.of(
                new Misuse("order", bytes -> bytes.order(ByteOrder.LITTLE_ENDIAN)),
                new Misuse("position", bytes -> bytes.position(bytes.limit())),
                new Misuse("limit", bytes -> bytes.limit(0)),
                new Misuse("cleared", ByteBuffer::clear),
                new Misuse("mark", ByteBuffer::mark),
                new Misuse("mark in the middle", bytes -> bytes.position(2).mark()),
                new Misuse("compacted", ByteBuffer::compact),
                new Misuse(
                        "all",
                        bytes -> bytes.order(ByteOrder.LITTLE_ENDIAN)
                                .position(1)
                                .mark()
                                .limit(1)));
    }

    @ParameterizedTest
    @MethodSource("misuses")
    void shouldReceiveABufferAsNewWhateverAnotherListenerDidToItsOwn(Misuse misuse) throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        List<PeerWire> wires = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            boolean misuses = i % 2 == 0;
            PeerWire wire = host.wire();
            wires.add(wire);
            host.add(wire, new RecordingListener() {
                @Override
                public void onReceived(Session session, ByteBuffer bytes) {
                    requireAsNew(bytes);
                    if (misuses) {
                        misuse.action().accept(bytes);
                    }
                    received.incrementAndGet();
                }
            });
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (PeerWire wire : wires) {
                int before = received.get();
                wire.write(new byte[] {0, 0, 0, 1});
                Await.until("it arrived", () -> received.get() > before);
            }
        }
        assertEquals(List.of(), faults);
    }

    private void requireAsNew(ByteBuffer bytes) {
        note(bytes.order() == ByteOrder.BIG_ENDIAN, "order " + bytes.order());
        note(bytes.position() == 0, "position " + bytes.position());
        note(bytes.remaining() == 4, "remaining " + bytes.remaining());
        note(bytes.limit() == 4, "limit " + bytes.limit());
        note(!hasMark(bytes), "a mark");
        note(bytes.remaining() != 4 || bytes.getInt(0) == 1, "other bytes");
    }

    private static boolean hasMark(ByteBuffer bytes) {
        int position = bytes.position();
        try {
            bytes.reset();
            bytes.position(position);
            return true;
        } catch (InvalidMarkException e) {
            return false;
        }
    }

    private void note(boolean holds, String otherwise) {
        if (!holds) {
            faults.add(otherwise);
        }
    }
}
