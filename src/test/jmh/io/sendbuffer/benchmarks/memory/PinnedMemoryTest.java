/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.benchmarks.PeerFlags;
import io.sendbuffer.benchmarks.result.Result;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class PinnedMemoryTest {
    private static final int HELD = 100;
    private static final int HELD_BY_ONE = 200;
    private static final double CHUNK = 128 << 10;

    static {
        PeerFlags.setHere(); // before Netty is loaded, for the tests that follow
    }

    private final List<Result> results = PinnedMemory.measure(new MemorySettings(1, 1, 1, 1, 42, HELD, HELD_BY_ONE, 1));

    @Test
    void shouldPinAChunkForEachMessageThatWasNotMoved() {
        assertTrue(pinnedBytes("sendbuffer-unmoved", "128 KiB") >= HELD * CHUNK);
    }

    @Test
    void shouldPinLittleOnceTheyWereMoved() {
        assertTrue(pinnedBytes("sendbuffer", "128 KiB") <= 3 * CHUNK);
    }

    @Test
    void shouldCountAMessageOnceHoweverManyReceiversHoldIt() {
        assertEquals(HELD * 64, pinnedBytes("netty-pooled", "128 KiB"));
        assertEquals(1, result("netty-pooled", "128 KiB", "pinned").median());
    }

    @Test
    void shouldMeasureOneReceiverBesideMany() {
        List<Result> ofOne = results.stream()
                .filter(result -> "1".equals(result.params().get("receivers")))
                .toList();

        assertEquals(
                Set.of("sendbuffer", "netty-adaptive", "netty-pooled"),
                ofOne.stream().map(Result::contender).collect(Collectors.toSet()));
        ofOne.forEach(result ->
                assertEquals(String.valueOf(HELD_BY_ONE), result.params().get("held")));
    }

    @Test
    void shouldFailIfTheReceiversDoNotHoldAll() {
        for (String contender : List.of("sendbuffer", "netty-pooled")) {
            try (StalledReceivers receivers = StalledReceivers.named(contender, 1)) {
                Object message = receivers.message(64);
                receivers.hold(message);
                receivers.release(message);
                assertThrows(IllegalStateException.class, () -> receivers.end(2));
            }
        }
    }

    private double pinnedBytes(String contender, String oneOf) {
        return result(contender, oneOf, "pinnedBytes").median();
    }

    private Result result(String contender, String oneOf, String metric) {
        return results.stream()
                .filter(result -> result.contender().equals(contender)
                        && oneOf.equals(result.params().get("oneOf"))
                        && result.metric().equals(metric))
                .findFirst()
                .orElseThrow();
    }
}
