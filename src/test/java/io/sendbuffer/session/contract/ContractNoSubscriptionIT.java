/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.LogSnapshot;
import io.sendbuffer.OfferResult;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionKind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of the kinds of session that no loop writes: they say that they cannot subscribe to a log. */
@Timeout(60)
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "LOOP.*")
class ContractNoSubscriptionIT extends ContractTest {
    ContractNoSubscriptionIT(SessionKind kind) {
        super(kind);
    }

    @Test
    void shouldSayThatItCannotSubscribeAndContinue() throws Exception {
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        try (BroadcastLog log = BroadcastLog.builder(pool).build()) {
            List<Executable> attempts = List.of(
                    () -> session.subscribe(log),
                    () -> session.subscribe(log, OverrunPolicy.skip()),
                    () -> session.subscribe(log, OverrunPolicy.hold(), 0),
                    () -> session.subscribe(log, OverrunPolicy.end(), least -> unasked()));
            for (Executable attempt : attempts) {
                String message = assertThrows(UnsupportedOperationException.class, attempt)
                        .getMessage();
                assertTrue(String.valueOf(message).contains("SendLoop"), message);
            }
            try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
                assertEquals(0, log.append(message));
                assertEquals(0, log.stats().retainedMessages(), "retained though nothing reads it");
                assertEquals(OfferResult.QUEUED, session.send(message));
            }
        }
        NumberedMessages.requireMessages(wire.readFully(LENGTH), 1, LENGTH);
    }

    private static LogSnapshot unasked() {
        throw new AssertionError("a snapshot was made in vain");
    }
}
