/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import java.util.List;
import java.util.function.Function;

/**
 * What the soak throws on purpose: Errors of the JVM, other Errors, and exceptions. Without a stack trace, as there are
 * many.
 */
interface SoakThrown {
    /** One of each kind. */
    List<Function<SoakFault, Throwable>> KINDS =
            List.of(OutOfMemory::new, StackOverflow::new, AnError::new, AnException::new);

    /** The fault by which it was thrown. */
    SoakFault fault();

    /** Like the JVM's, which a full heap, or a thread that cannot be started, throws. */
    final class OutOfMemory extends OutOfMemoryError implements SoakThrown {
        private static final long serialVersionUID = 1;

        private final SoakFault fault;

        OutOfMemory(SoakFault fault) {
            super(fault + ", on purpose");
            this.fault = fault;
        }

        @Override
        public SoakFault fault() {
            return fault;
        }

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    /** Like the JVM's. */
    final class StackOverflow extends StackOverflowError implements SoakThrown {
        private static final long serialVersionUID = 1;

        private final SoakFault fault;

        StackOverflow(SoakFault fault) {
            super(fault + ", on purpose");
            this.fault = fault;
        }

        @Override
        public SoakFault fault() {
            return fault;
        }

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    /** An Error of no known kind. */
    final class AnError extends Error implements SoakThrown {
        private static final long serialVersionUID = 1;

        private final SoakFault fault;

        AnError(SoakFault fault) {
            super(fault + ", on purpose", null, true, false);
            this.fault = fault;
        }

        @Override
        public SoakFault fault() {
            return fault;
        }
    }

    /** An unchecked exception. */
    final class AnException extends RuntimeException implements SoakThrown {
        private static final long serialVersionUID = 1;

        private final SoakFault fault;

        AnException(SoakFault fault) {
            super(fault + ", on purpose", null, true, false);
            this.fault = fault;
        }

        @Override
        public SoakFault fault() {
            return fault;
        }
    }
}
