/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContendersTest {
    @Test
    void shouldMeasureEachContenderInSomeModeWithOneLoop() {
        for (String name : Contenders.ALL) {
            assertTrue(Arrays.stream(Mode.values()).anyMatch(mode -> Contenders.exists(name, mode, 1)), name);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"floor", "copy", "pubsub", "redis", "node-ws", "node-ws-tick"})
    void shouldNotMeasureWithTwoLoopsWhatHasNoLoopsOfItsOwn(String name) {
        for (Mode mode : Mode.values()) {
            assertFalse(Contenders.exists(name, mode, 2));
        }
    }

    @Test
    void shouldNotMeasureSingleMessagesTwiceWhereTheTickIsOneMessage() {
        assertFalse(Contenders.differs("netty-epoll-tick", 1));
        assertTrue(Contenders.differs("netty-epoll-tick", 2));
        assertTrue(Contenders.differs("netty-epoll", 1));
    }

    @Test
    void shouldKnowNoContenderThatItCannotMake() {
        assertFalse(Contenders.exists("netty-kqueue", Mode.LOOP, 1));
    }

    /** A length that is not exact would be taken for lost, or surplus, bytes. */
    @Test
    void shouldCountTheRelaysOwnBytes() {
        assertEquals(2 + 64, NodeContender.frameBytes(64));
        assertEquals(4 + 126, NodeContender.frameBytes(126));
        assertEquals(10 + 65_536, NodeContender.frameBytes(65_536));
        assertEquals("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$64\r\n".length() + 64 + 2, Resp.wireBytes(64));
    }
}
