/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static io.sendbuffer.session.Freshness.SYSTEMS_CHOICE;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sendbuffer.Pools;
import java.util.List;
import java.util.Scanner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * How old the newest value is that a slow client gets. Conflation keeps one value in the session's queue; all others
 * that the client has not read wait in the kernel, where nothing replaces them. So what counts is how much that takes.
 */
@Timeout(60)
class FreshnessIT {
    private static final int DEFAULT_SIZE = 128 << 10;
    private static final int SMALL = 8 << 10;
    private static final int UNSENT_LIMIT = 16 << 10;

    /** 64 KB of those that the client reads: the limit, its receive buffer, and what the kernel adds to each. */
    private static final int MAX_UPDATES = 64 * Freshness.UPDATES_FOR_EACH_READ;

    @Test
    void shouldBeFourTimesAsFreshWithASmallSendBuffer() throws Exception {
        Freshness freshness = new Freshness(Pools.create());
        int left = freshness.medianAge(SYSTEMS_CHOICE);
        int byDefault = freshness.medianAge(DEFAULT_SIZE);
        int small = freshness.medianAge(SMALL);
        String ages = "ages in updates: the system's choice " + left + ", by default " + byDefault + ", small " + small;
        assertTrue(byDefault >= 4 * small, ages);
        assertTrue(left >= 4 * small, ages);
    }

    /** The send buffer is as large as the kernel likes. */
    @Test
    void shouldBeAsFreshWithALimitForWhatTheKernelHasNotSent() throws Exception {
        assumeTrue(OwnNetwork.isPermitted(), "the kernel permits no network of one's own (unshare --net), or lacks ip");
        String printed = ForkedJvm.run(OwnNetwork.PREFIX, List.of(), Freshness.class, String.valueOf(UNSENT_LIMIT));
        Scanner ages = new Scanner(printed);
        int without = ages.nextInt();
        int with = ages.nextInt();
        assertTrue(without >= 4 * with && with <= MAX_UPDATES, () -> "ages in updates: without and with " + printed);
    }
}
