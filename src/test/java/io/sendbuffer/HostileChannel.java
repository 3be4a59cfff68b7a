/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A channel that does what real ones do to their writer, and worse: takes a part, takes nothing, fails, throws, lies.
 * It keeps every byte that it took, and a record of every call.
 *
 * <p>It also checks its writer: one thread at a time, direct buffers, no empty entry, no view that another channel is
 * reading at the same moment. A violation is thrown, and thrown again by {@link #bytes} and {@link #calls}.
 *
 * <p>Set it up before the writing begins, or between two writes of the same thread.
 */
public final class HostileChannel implements GatheringByteChannel {
    private static final Set<ByteBuffer> BEING_READ =
            Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

    /** A call that returned: whether it was a plain write, its entries, the bytes in them, and the answer. */
    public record Call(boolean plain, int entries, long offered, long answer) {}

    private final @Nullable SplittableRandom random;
    private final AtomicBoolean writing = new AtomicBoolean();
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final List<Call> calls = new ArrayList<>();
    private volatile @Nullable AssertionError brokenRule;

    private boolean open = true;
    private int maxPerCall = Integer.MAX_VALUE;
    private int callsToBlock;
    private long failingByte = Long.MAX_VALUE;
    private @Nullable Throwable toThrow;
    private @Nullable Long lie;
    private Runnable duringWrite = () -> {};

    private HostileChannel(@Nullable SplittableRandom random) {
        this.random = random;
    }

    /** Takes all that it is given, until changed. */
    public static HostileChannel takingAll() {
        return new HostileChannel(null);
    }

    /** Takes random parts, sometimes all, sometimes nothing. */
    public static HostileChannel seeded(long seed) {
        return new HostileChannel(new SplittableRandom(seed));
    }

    /** Takes no more than this in one call. */
    public HostileChannel takeAtMost(int bytesPerCall) {
        maxPerCall = bytesPerCall;
        return this;
    }

    /** Takes nothing in the next calls. */
    public HostileChannel block(int calls) {
        callsToBlock = calls;
        return this;
    }

    /** Takes this many bytes in all, then throws an {@link IOException}. */
    public HostileChannel failAfter(long bytes) {
        failingByte = bytes;
        return this;
    }

    /** Throws an {@link IOException}, a {@link RuntimeException} or an {@link Error} in the next call. */
    public HostileChannel throwNext(Throwable thrown) {
        toThrow = thrown;
        return this;
    }

    /** Takes nothing in the next call, and claims to have taken this many bytes. */
    public HostileChannel lieNext(long answer) {
        lie = answer;
        return this;
    }

    /** Runs an action within every write, before anything is taken. */
    public HostileChannel duringWrite(Runnable action) {
        duringWrite = action;
        return this;
    }

    /** Every byte taken so far. */
    public byte[] bytes() {
        requireRulesKept();
        return taken.toByteArray();
    }

    /** How many bytes were taken so far. */
    public int byteCount() {
        requireRulesKept();
        return taken.size();
    }

    /** The calls that returned. */
    public List<Call> calls() {
        requireRulesKept();
        return List.copyOf(calls);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return (int) write(new ByteBuffer[] {source}, 0, 1, true);
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length, false);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        return write(sources, offset, length, false);
    }

    private long write(ByteBuffer[] sources, int offset, int length, boolean plain) throws IOException {
        List<ByteBuffer> entries = List.of(Arrays.copyOfRange(sources, offset, offset + length));
        require(writing.compareAndSet(false, true), "two threads write at once");
        try {
            long offered = requireGoodEntries(entries);
            duringWrite.run();
            throwIfAsked();
            long answer = lie == null ? take(entries, howMuch(offered)) : lie;
            lie = null;
            calls.add(new Call(plain, length, offered, answer));
            return answer;
        } finally {
            entries.forEach(BEING_READ::remove);
            writing.set(false);
        }
    }

    private long requireGoodEntries(List<ByteBuffer> entries) {
        require(!entries.isEmpty(), "a write without entries");
        long offered = 0;
        for (ByteBuffer entry : entries) {
            require(entry.isDirect(), "an entry is not direct: the JDK would copy it");
            require(entry.hasRemaining(), "an entry is empty");
            require(BEING_READ.add(entry), "an entry is being read by another write");
            offered += entry.remaining();
        }
        return offered;
    }

    private void throwIfAsked() throws IOException {
        if (!open) {
            throw new ClosedChannelException();
        }
        Throwable thrown = toThrow;
        toThrow = null;
        if (thrown instanceof IOException e) {
            throw e;
        }
        if (thrown instanceof RuntimeException e) {
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
    }

    private long howMuch(long offered) {
        if (callsToBlock > 0) {
            callsToBlock--;
            return 0;
        }
        long max = Math.min(offered, maxPerCall);
        if (random == null) {
            return max;
        }
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1, 2, 3 -> max;
            default -> random.nextLong(max + 1);
        };
    }

    private long take(List<ByteBuffer> entries, long bytes) throws IOException {
        long left = Math.min(bytes, failingByte - taken.size());
        long answer = left;
        for (ByteBuffer entry : entries) {
            byte[] part = new byte[(int) Math.min(left, entry.remaining())];
            entry.get(part);
            taken.writeBytes(part);
            left -= part.length;
        }
        if (taken.size() == failingByte) {
            throw new IOException("the peer is gone after " + failingByte + " bytes");
        }
        return answer;
    }

    private void require(boolean kept, String rule) {
        if (!kept) {
            AssertionError broken = new AssertionError(rule);
            brokenRule = broken;
            throw broken;
        }
    }

    private void requireRulesKept() {
        AssertionError broken = brokenRule;
        if (broken != null) {
            throw new AssertionError("the writer broke a rule of its channel", broken);
        }
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }
}
