/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * The fields of a {@link Chunk} that change with each message, on cache lines apart from each other and from the rest:
 * the owner writes its fields with each allocation while others count off the slices that they release, and all read
 * the chunk's other fields. Without the padding there is false sharing: each thread takes the line away from the
 * others, twice for each message.
 *
 * <pre>{@code
 * | the owner's: position, ... | padding | live | padding | the chunk's other fields, seldom written |
 * }</pre>
 *
 * <p>HotSpot lays out a class's fields after those of its superclass, which is what keeps the order. (With some flags a
 * gap of four bytes among the owner's takes an int of the chunk: one that is seldom read by others, as {@code size}.)
 * The padding is two lines, since processors fetch them in pairs.
 */
final class ChunkFields {
    private static final @Nullable SendBuffer[] NO_SLICES = {};

    private ChunkFields() {}

    /** Owned by the allocator while the chunk is current, by the store's lock otherwise. */
    abstract static class OfOwner {
        @Nullable
        SendBuffer[] slices = NO_SLICES;

        int sliceCount;
        int position;

        /** Through the accessors of {@link Chunk} alone. */
        long allocated;
    }

    @SuppressWarnings("unused")
    abstract static class PaddedAfterOwner extends OfOwner {
        private long p00, p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;
    }

    /** Counted down by every thread that releases a slice. */
    abstract static class Live extends PaddedAfterOwner {
        /** Through the accessors of {@link Chunk} alone. */
        long live;
    }

    /** All of them. */
    @SuppressWarnings("unused")
    abstract static class Padded extends Live {
        private long p00, p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;
    }
}
