/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RunOptionsTest {
    @Test
    void shouldRunAllSuitesOfASet() throws WrongArgument {
        RunOptions options = RunOptions.parse("medium", List.of());
        assertEquals(new RunOptions(SetOfRuns.MEDIUM, Optional.empty(), RunOptions.DEFAULT_DIRECTORY, false), options);
    }

    @Test
    void shouldRunOneSuiteOfTheShortSetUnlessAskedOtherwise() throws WrongArgument {
        RunOptions options = RunOptions.parse("micro", List.of("--skip-missing"));
        assertEquals(
                new RunOptions(
                        SetOfRuns.SHORT, Optional.of("micro"), RunOptions.DEFAULT_DIRECTORY.resolve("micro"), true),
                options);
        assertEquals(SetOfRuns.FULL, RunOptions.parse("micro", List.of("full")).set());
    }

    @Test
    void shouldWriteToTheGivenPlace() throws WrongArgument {
        assertEquals(
                Path.of("here"),
                RunOptions.parse("short", List.of("--out", "here")).directory());
    }

    @Test
    void shouldNameTheArgumentThatItDoesNotKnow() {
        WrongArgument refusal = assertThrows(WrongArgument.class, () -> RunOptions.parse("short", List.of("full")));
        assertEquals("unknown argument: full", refusal.getMessage());
    }

    @Test
    void shouldAskForTheDirectoryThatIsMissing() {
        WrongArgument refusal = assertThrows(WrongArgument.class, () -> RunOptions.parse("short", List.of("--out")));
        assertTrue(String.valueOf(refusal.getMessage()).contains("--out needs a directory"));
    }
}
