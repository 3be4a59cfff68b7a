/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/** The result of an offer as a digit of an outcome. */
public final class Offers {
    private Offers() {}

    /** 0 for queued, 1 for refused, 2 for closed. */
    public static int digitOf(OfferResult result) {
        return switch (result) {
            case QUEUED -> 0;
            case CLOSED -> 2;
            default -> 1;
        };
    }
}
