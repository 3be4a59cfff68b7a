/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionKind;
import java.nio.ByteBuffer;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of every kind of session: a client that stops reading a quiet channel costs what it has queued. */
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class ContractEvacuationIT extends ContractTest {
    private static final int CHUNK = 64 << 10;
    private static final int CHUNKS = 256;
    private static final int BACKLOG = 300;
    private static final int SHORT = 64;
    private static final int QUIET = 2_000;

    private final SendBufferPool tight = Pools.track(
            SendBufferPool.builder().chunkSize(CHUNK).maxMemory(CHUNKS * CHUNK).build());

    ContractEvacuationIT(SessionKind kind) {
        super(kind);
    }

    /** One message, in a chunk that is full of others, which have all been written. */
    private void sendAmongOthers(Session session, int number) {
        try (SendBuffer message = NumberedMessages.sealed(tight, number, SHORT)) {
            assertEquals(OfferResult.QUEUED, session.send(message));
        }
        tight.acquire(CHUNK - SHORT).release();
    }

    @Test
    void shouldStayAndMissNothingThoughEachMessageIsInAChunkOfItsOwn() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        Future<?> flush = startBacklog(session, wire, BACKLOG);

        for (int number = 0; number < QUIET; number++) {
            sendAmongOthers(session, number);
        }
        tight.evacuate();
        long pinned = tight.stats().pinnedBytes();

        assertFalse(session.isClosed());
        assertEquals(0, tight.stats().refusedAcquires());
        assertTrue(pinned <= 2 * QUIET * SHORT + 2 * CHUNK, () -> pinned + " bytes pinned");
        Await.until(
                "it says that its client takes nothing", () -> session.stats().stalledNanos() > 0);
        NumberedMessages.requireMessages(wire.readFully(BACKLOG * LENGTH), BACKLOG, LENGTH);
        ByteBuffer rest = ByteBuffer.wrap(wire.readFully(QUIET * SHORT));
        for (int number = 0; number < QUIET; number++) {
            NumberedMessages.requireMessage(rest, number, SHORT);
        }
        flush.get();
    }
}
