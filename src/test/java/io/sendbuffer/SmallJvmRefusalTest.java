/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How fast the pool refuses, in JVMs that have less memory than it would use, each in a process of its own. */
@Tag("alone")
class SmallJvmRefusalTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 64})
    void shouldRefuseInMicrosecondsAtTheJvmsLimit(int stripes) throws Exception {
        SmallJvm.requirePasses(List.of("-Xmx64m", "-XX:MaxDirectMemorySize=32m"), "refuse", String.valueOf(stripes));
    }

    @Test
    void shouldRefuseInMicrosecondsWhereTheHeapIsTheLimit() throws Exception {
        SmallJvm.requirePasses(List.of("-Xmx64m"), "refuse", "4");
    }

    @Test
    void shouldDoWithoutTheModulesThatKnowTheLimit() throws Exception {
        SmallJvm.requirePasses(
                List.of("-Xmx64m", "--limit-modules", "java.base,java.logging,jdk.unsupported"), "blind");
    }
}
