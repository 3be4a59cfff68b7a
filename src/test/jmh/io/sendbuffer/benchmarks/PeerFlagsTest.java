/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.Test;

final class PeerFlagsTest {
    /** The name of the property has changed before; one that Netty does not know would slow it down silently. */
    @Test
    void shouldSwitchNettysLeakDetectionOff() {
        assertFalse(PeerFlags.ofJvm().isEmpty());
        PeerFlags.setHere();
        assertEquals(ResourceLeakDetector.Level.DISABLED, ResourceLeakDetector.getLevel());
    }
}
