/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Memory that pools have discarded and the garbage collector has not found yet. It counts toward the JVM's limit until
 * it is collected, which may take forever where {@code System.gc()} is disabled, so it is taken again before the JVM is
 * asked for more. All pools of a JVM share one of these: what a closed pool leaves must not keep another one from
 * growing. Only the chunks that living threads owned at its close are left to the collector alone, and counted. Held
 * weakly: nothing is kept from the collector.
 *
 * <p>Thread-safe. Its monitor is the last that a thread takes: a piece has one taker.
 */
final class DiscardedMemory {
    /** What all pools discard that take their memory from this JVM. */
    static final DiscardedMemory OF_THIS_JVM = new DiscardedMemory();

    private static final int MIN_PIECES_TO_SWEEP = 64;

    /** A part of what was allocated as a whole, which stays alive as long as anything uses a part of it. */
    record Piece(WeakReference<ByteBuffer> whole, int offset, int size) {
        static Piece of(ByteBuffer whole) {
            return new Piece(new WeakReference<>(whole), 0, whole.capacity());
        }

        /** The memory; null if it was collected. */
        @Nullable
        ByteBuffer memory() {
            ByteBuffer found = whole.get();
            return found == null || size == found.capacity() ? found : found.slice(offset, size);
        }

        Piece head(int bytes) {
            return new Piece(whole, offset, bytes);
        }

        Piece tail(int bytes) {
            return new Piece(whole, offset + bytes, size - bytes);
        }
    }

    /** A piece and its memory, which the taker keeps alive. */
    record Taken(Piece piece, ByteBuffer memory) {}

    // Guarded by the monitor.
    private final TreeMap<Integer, List<Piece>> piecesBySize = new TreeMap<>();
    private final List<Piece> notToBeTaken = new ArrayList<>();
    private int pieces;
    private int sweepAt = MIN_PIECES_TO_SWEEP;

    /** How many are noted, collected ones included. */
    synchronized int pieces() {
        return pieces + notToBeTaken.size();
    }

    /** How many bytes the collector has not found yet. Looks at every piece. */
    synchronized long uncollectedBytes() {
        sweep();
        long bytes = 0;
        for (Map.Entry<Integer, List<Piece>> ofSize : piecesBySize.entrySet()) {
            bytes += (long) ofSize.getKey() * ofSize.getValue().size();
        }
        for (Piece piece : notToBeTaken) {
            bytes += piece.size();
        }
        return bytes;
    }

    synchronized void add(Piece piece) {
        try {
            sweepIfDue();
            piecesBySize
                    .computeIfAbsent(piece.size(), size -> new ArrayList<>())
                    .add(piece);
            pieces++;
        } catch (OutOfMemoryError e) {
            // No heap for the note: this piece is left to the collector, which will soon run with such a heap.
        }
    }

    /** Notes a piece that only the collector may take: a thread that owned it may still use it. */
    synchronized void addForTheCollector(Piece piece) {
        try {
            sweepIfDue();
            notToBeTaken.add(piece);
        } catch (OutOfMemoryError e) {
            // As above: what is not noted is not counted.
        }
    }

    /** Takes a piece of exactly this size; null if there is none. */
    @Nullable
    synchronized Taken take(int bytes) {
        return takeFrom(piecesBySize.get(bytes), bytes);
    }

    /** Takes a piece of this size, or cuts one off a larger piece; null if there is none. */
    @Nullable
    synchronized Taken cut(int bytes) {
        Map.Entry<Integer, List<Piece>> larger = piecesBySize.ceilingEntry(bytes);
        while (larger != null) {
            Taken taken = takeFrom(larger.getValue(), larger.getKey());
            if (taken != null) {
                return cut(taken, bytes);
            }
            larger = piecesBySize.higherEntry(larger.getKey());
        }
        return null;
    }

    /** Cuts memory that the caller has, and notes the rest of it. */
    synchronized Taken cut(Taken taken, int bytes) {
        Piece whole = taken.piece();
        if (whole.size() == bytes) {
            return taken;
        }
        add(whole.tail(bytes));
        return new Taken(whole.head(bytes), taken.memory().slice(0, bytes));
    }

    private @Nullable Taken takeFrom(@Nullable List<Piece> ofSize, int bytes) {
        Taken taken = null;
        while (taken == null && ofSize != null && !ofSize.isEmpty()) {
            Piece piece = ofSize.remove(ofSize.size() - 1);
            pieces--;
            ByteBuffer memory = piece.memory();
            taken = memory == null ? null : new Taken(piece, memory);
        }
        if (ofSize != null && ofSize.isEmpty()) {
            piecesBySize.remove(bytes);
        }
        return taken;
    }

    private void sweepIfDue() {
        if (pieces() >= sweepAt) {
            sweep();
        }
    }

    /** Forgets what was collected; so rarely that the amortized cost is a few looks for each piece. */
    private void sweep() {
        pieces = 0;
        for (List<Piece> ofSize : piecesBySize.values()) {
            ofSize.removeIf(piece -> piece.whole().get() == null);
            pieces += ofSize.size();
        }
        piecesBySize.values().removeIf(List::isEmpty);
        notToBeTaken.removeIf(piece -> piece.whole().get() == null);
        sweepAt = Math.max(MIN_PIECES_TO_SWEEP, 2 * pieces());
    }
}
