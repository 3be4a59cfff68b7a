/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

/**
 * What a soak does to the library on purpose: at one of {@link #oneOf} calls, at least {@link #millisBetween} ms apart.
 */
enum SoakFault {
    // The code that the library calls throws.
    ON_OPENED_THROWS(100),
    ON_RECEIVED_THROWS(100),
    ON_INPUT_ENDED_THROWS(20),
    ON_REFUSED_THROWS(40),
    ON_REFUSALS_ENDED_THROWS(40),
    ON_CLOSED_THROWS(50),
    RELEASE_LISTENER_THROWS(2_000),
    ERROR_HANDLER_THROWS(20, 200),
    ERROR_HANDLER_RETHROWS(20, 200),
    POOL_ERROR_HANDLER_THROWS(5, 200),
    POOL_ERROR_HANDLER_RETHROWS(5, 200),
    LISTENER_FACTORY_THROWS(30),
    LISTENER_FACTORY_REFUSES(30),
    THREAD_FACTORY_THROWS(60),
    THREAD_FACTORY_RETURNS_NULL(60),
    THREAD_START_THROWS(60),
    WRITE_THROWS(2_000),
    CHANNEL_CLOSE_THROWS(5),
    CHANNEL_IS_OPEN_THROWS(20),
    ON_ENDED_THROWS(3),
    SNAPSHOT_SOURCE_THROWS(20),
    GAP_NOTICE_THROWS(20),

    // The selector of a loop.
    SELECT_THROWS(1_000),
    WAKEUP_THROWS(1_000),
    REGISTER_THROWS(40),
    SELECTOR_CLOSE_THROWS(3),
    LOOP_DIES_AT_ONCE(20, 700),
    LOOP_DIES_OF_ERRORS(40, 3_000),
    ALL_LOOPS_DIE(60, 3_000),

    // Memory.
    ALLOCATION_REFUSED(4),
    JVM_LIMIT_REACHED(20),
    ACQUIRE_THROWS(1),

    // Calls by callbacks.
    CALLBACK_CLOSES(80),
    CALLBACK_CLOSES_SOON(80),
    CALLBACK_ABORTS(80),
    CALLBACK_CLOSES_ANOTHER(80),
    CALLBACK_ABORTS_ANOTHER(80),
    CALLBACK_INTERRUPTS(100),
    CALLBACK_BROADCASTS(10),
    CALLBACK_APPENDS(10),
    ON_CLOSED_BROADCASTS(3),
    CALLBACK_CLOSES_ITS_HOST(100, 1_000),

    // What slow subscribers of logs bring about by themselves.
    SUBSCRIBER_ENDS(1),
    SUBSCRIBER_SKIPS(1),
    SUBSCRIBER_SKIPS_WITH_NOTICE(1),
    SUBSCRIBER_HOLDS_ITS_LOG(1),
    SUBSCRIBER_RESUMES(1);

    final int oneOf;
    final int millisBetween;

    SoakFault(int oneOf) {
        this(oneOf, 0);
    }

    SoakFault(int oneOf, int millisBetween) {
        this.oneOf = oneOf;
        this.millisBetween = millisBetween;
    }
}
