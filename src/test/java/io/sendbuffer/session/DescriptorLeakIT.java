/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A construction that fails halfway leaves no descriptor open, whatever was to be made. */
@Tag("slow")
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class DescriptorLeakIT {
    @ParameterizedTest
    @EnumSource(DescriptorLeakMain.Making.class)
    void shouldLeaveNoDescriptorOpenWhenItFailsHalfWay(DescriptorLeakMain.Making making) throws Exception {
        ForkedJvm.run(
                List.of("-Xmx64m", "-XX:MaxDirectMemorySize=1m", "-XX:+DisableExplicitGC"),
                DescriptorLeakMain.class,
                making.name());
    }
}
