/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.fuzz;

import java.util.Arrays;

/**
 * An input of a fuzz test: a byte of options, a count of cuts, that many distances between them, and the stream. Any
 * bytes are one, so that a fuzzer may change each of them.
 */
public final class FuzzInput {
    private static final int MAX_CUTS = 8;
    private static final int OPTIONS = 2;

    private final int options;
    private final byte[] stream;
    private final int[] cuts;

    public FuzzInput(byte[] data) {
        options = data.length > 0 ? data[0] & 0xFF : 0;
        int count = Math.min(data.length > 1 ? data[1] & (MAX_CUTS - 1) : 0, Math.max(0, data.length - OPTIONS));
        int start = Math.min(data.length, OPTIONS + count);
        stream = Arrays.copyOfRange(data, start, data.length);
        cuts = new int[count];
        int cut = 0;
        for (int i = 0; i < count; i++) {
            cut = Math.min(stream.length, cut + (data[OPTIONS + i] & 0xFF));
            cuts[i] = cut;
        }
    }

    /** What the test makes of it, 0 to 255. */
    public int options() {
        return options;
    }

    /** What the peer sends. */
    public byte[] stream() {
        return stream.clone();
    }

    /** Where it is cut, in ascending order. */
    public int[] cuts() {
        return cuts.clone();
    }

    /** Cuts behind each byte. */
    public int[] everywhere() {
        int[] all = new int[stream.length];
        Arrays.setAll(all, i -> i + 1);
        return all;
    }
}
