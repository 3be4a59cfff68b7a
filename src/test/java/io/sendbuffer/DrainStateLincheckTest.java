/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.lincheck.ModelChecking;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** The word that says which thread may write: each step of its state machine is atomic, and one thread makes it. */
class DrainStateLincheckTest {
    private static final ModelChecking CHECK = ModelChecking.ignoring();

    @Test
    void shouldMakeEachStepOnce() {
        CHECK.assertKeeps(
                Word.class,
                StateMachine.class,
                "claim leave | claim leave",
                "claim | claim | claim",
                "claim leave | requestClose",
                "claim requestClose | requestClose claim",
                "claim; leave isEnding | requestClose | requestClose");
        CHECK.assertKeepsAtRandom(Word.class, StateMachine.class);
    }

    @Test
    void shouldRejectAClaimThatIsCheckedAndThenMade() {
        CHECK.assertRejects(BrokenClaim.class, StateMachine.class, "claim | claim");
    }

    public static class Word {
        private final DrainState word = new DrainState();

        @Operation
        public boolean claim() {
            return word.casIdleToDraining();
        }

        @Operation
        public boolean leave() {
            return word.casDrainingToIdle();
        }

        @Operation
        public boolean requestClose() {
            return word.requestClose();
        }

        @Operation
        public boolean isEnding() {
            return word.isEndingVolatile();
        }
    }

    /** Specification: the state machine in the word's documentation. */
    public static class StateMachine {
        private boolean draining;
        private boolean ending;

        public boolean claim() {
            boolean claimed = !draining && !ending;
            draining |= claimed;
            return claimed;
        }

        public boolean leave() {
            boolean left = draining && !ending;
            draining &= !left;
            return left;
        }

        public boolean requestClose() {
            boolean windowIsCallers = !draining && !ending;
            ending = true;
            return windowIsCallers;
        }

        public boolean isEnding() {
            return ending;
        }
    }

    /** A word that is broken on purpose. */
    public static class BrokenClaim {
        private final AtomicInteger word = new AtomicInteger();

        @Operation
        public boolean claim() {
            if (word.get() != 0) {
                return false;
            }
            word.set(1);
            return true;
        }
    }
}
