/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.Arrays;

/** What one client saw of each sender. Owned by the client's thread. */
public final class Sequences {
    /** Which sequences are correct. */
    public enum Rule {
        /** 0, 1, 2, ... */
        ALL,
        /** Without a gap, from the first one that was seen: for clients that join later. */
        NO_GAP,
        /** Each above the last one: for clients that were refused some. */
        RISING
    }

    private final Rule rule;
    private final long[] last;
    private final boolean[] seen;

    public Sequences(Rule rule, int senders) {
        this.rule = rule;
        this.last = new long[senders];
        this.seen = new boolean[senders];
        Arrays.fill(last, -1);
    }

    public void add(int sender, long sequence) {
        if (sender < 0 || sender >= last.length) {
            throw new AssertionError("no such sender: " + sender);
        }
        long expected = last[sender] + 1;
        boolean mayJump = rule == Rule.RISING || (rule == Rule.NO_GAP && !seen[sender]);
        if (mayJump ? sequence < expected : sequence != expected) {
            throw new AssertionError(
                    "sequence " + sequence + " of sender " + sender + " where " + expected + " was due (" + rule + ")");
        }
        last[sender] = sequence;
        seen[sender] = true;
    }
}
