/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pool in JVMs that have less memory than it would use, each in a process of its own. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SmallJvmTest {
    private static Future<Boolean> shrinking;

    /** It waits for the timer of a pool, twice for ten seconds: the other cases run meanwhile. */
    @BeforeAll
    static void startToShrink() {
        shrinking = Threads.start(() -> {
            SmallJvm.requirePasses(List.of("-XX:MaxDirectMemorySize=64m", "-XX:+DisableExplicitGC"), "decay");
            return true;
        });
    }

    @Order(Integer.MAX_VALUE)
    @Test
    void shouldShrinkByItselfAfterABurstAndGrowAgain() {
        Threads.join(shrinking);
    }

    @Test
    void shouldServeAThousandLargeBuffersWithoutACollection() throws Exception {
        SmallJvm.requirePasses(List.of("-XX:MaxDirectMemorySize=64m"), "large");
        SmallJvm.requirePasses(List.of("-XX:MaxDirectMemorySize=64m", "-XX:+DisableExplicitGC"), "large");
    }

    @Test
    void shouldServeSmallBuffersFromMemoryThatWasLarge() throws Exception {
        SmallJvm.requirePasses(List.of("-XX:MaxDirectMemorySize=64m", "-XX:+DisableExplicitGC"), "mixed");
    }

    @Test
    void shouldGrowAfterATrimThoughNoCollectionMayBeAskedFor() throws Exception {
        SmallJvm.requirePasses(List.of("-XX:MaxDirectMemorySize=50m", "-XX:+DisableExplicitGC"), "regrow");
    }

    @Test
    void shouldGrowByWhatClosedPoolsLeftThoughNoCollectionMayBeAskedFor() throws Exception {
        SmallJvm.requirePasses(List.of("-XX:MaxDirectMemorySize=64m", "-XX:+DisableExplicitGC"), "pools");
    }

    @Test
    void shouldGrowAfterPoolsWereClosedWhoseThreadsLiveOn() throws Exception {
        SmallJvm.requirePasses(List.of("-XX:MaxDirectMemorySize=64m"), "current");
    }

    /** No piece obtained from the JVM is large enough, so all of them have to go back to it. */
    @Test
    void shouldServeALargerBufferThanAnyBefore() throws Exception {
        SmallJvm.requirePasses(List.of("-XX:MaxDirectMemorySize=64m"), "larger");
    }

    /** Idle memory that was cut from larger memory keeps all of that from the collector. */
    @ParameterizedTest
    @ValueSource(longs = {18, 19, 41})
    void shouldServeALargerBufferThanAnyBeforeThoughThePoolKeepsAPartOfOne(long seed) throws Exception {
        SmallJvm.requirePasses(List.of("-XX:MaxDirectMemorySize=64m", "-D" + TestSeed.PROPERTY + "=" + seed), "larger");
    }

    @Test
    void shouldFillAPoolWithTinyMessagesWithinTheHeap() throws Exception {
        SmallJvm.requirePasses(List.of("-Xmx256m", "-XX:MaxDirectMemorySize=512m"), "tiny");
    }

    @Test
    void shouldRefuseAndLoseNothingWhenTheHeapIsFull() throws Exception {
        SmallJvm.requirePasses(List.of("-Xmx32m", "-XX:MaxDirectMemorySize=64m", "-XX:+UseSerialGC"), "heap");
    }

    @Test
    void shouldHaveADefaultCapThatTheJvmHolds() throws Exception {
        SmallJvm.requirePasses(List.of("-Xmx128m"), "default");
    }
}
