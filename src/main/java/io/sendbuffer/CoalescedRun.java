/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.Failures;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.agrona.BitUtil;
import org.jspecify.annotations.Nullable;

/**
 * Neighbors of a batch, which go out as one message: it holds their references, and releases them when that one message
 * has been written to all receivers that took it. Reused by its batch.
 */
final class CoalescedRun implements ReleaseListener {
    private final @Nullable SendBuffer[] messages;
    private int size;

    /** Null if it is not to be used again. */
    private final @Nullable FreeList home;

    /** The next one in {@link FreeList}, while this is there. */
    @Nullable
    CoalescedRun nextFree;

    CoalescedRun(@Nullable FreeList home, int capacity) {
        this.home = home;
        this.messages = new SendBuffer[capacity];
    }

    /** False if it is thrown away after one use. */
    boolean isKept() {
        return home != null;
    }

    /** How many messages it can hold. */
    int capacity() {
        return messages.length;
    }

    /** Takes over a reference to each. On the batch's thread; before any other thread can see the one message. */
    void hold(@Nullable SendBuffer[] source, int from, int count) {
        System.arraycopy(source, from, messages, 0, count);
        size = count;
    }

    /** Whether one of its messages has a listener. For a caller that holds a reference to the one message. */
    boolean hasListener() {
        for (int i = 0; i < size; i++) {
            SendBuffer message = messages[i];
            if (message != null && message.hasListener()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void onReleased(int unwritten) {
        Throwable thrown = null;
        for (int i = 0; i < size; i++) {
            SendBuffer message = messages[i];
            messages[i] = null;
            try {
                message.releaseUnwritten(unwritten);
            } catch (Throwable e) { // for instance, it was released too often elsewhere
                thrown = Failures.first(thrown, e);
            }
        }
        if (home != null) {
            home.giveBack(this);
        }
        Failures.rethrow(thrown);
    }

    /**
     * The runs of one batch that hold nothing, to be used again. Any thread gives back; the batch's thread takes.
     *
     * <p>A stack that is pushed one by one and taken as a whole (R. K. Treiber, "Systems Programming: Coping with
     * Parallelism", 1986): the taker never looks at a second element of the shared stack, so one that comes back
     * meanwhile cannot mislead it (there is no ABA problem).
     */
    static final class FreeList {
        private static final VarHandle GIVEN_BACK = ConstantBootstraps.fieldVarHandle(
                MethodHandles.lookup(), "givenBack", VarHandle.class, FreeList.class, CoalescedRun.class);

        private static final int MIN_PLACES = 32;

        /** Half a megabyte. Runs beyond that, which only a receiver that is far behind needs at once, are not kept. */
        private static final int MAX_PLACES = 4_096 * MIN_PLACES;

        /** Pushed by the threads that release the last reference; emptied by the batch. */
        @SuppressWarnings("unused")
        private @Nullable CoalescedRun givenBack;

        /** The batch's own, taken out of what was given back. */
        private @Nullable CoalescedRun spare;

        /** How many messages the runs can hold that will come back, or are here. */
        private int places;

        /** Takes a run that can hold this many messages, or makes one. On the batch's thread. */
        CoalescedRun take(int count) {
            CoalescedRun run = spare != null ? spare : takeGivenBack();
            if (run == null) {
                return make(count);
            }
            spare = run.nextFree;
            run.nextFree = null;
            if (run.capacity() < count) {
                places -= run.capacity(); // batches have become larger
                return make(count);
            }
            return run;
        }

        private CoalescedRun make(int count) {
            int capacity = Math.max(MIN_PLACES, BitUtil.findNextPositivePowerOfTwo(count));
            if (capacity > MAX_PLACES - places) {
                return new CoalescedRun(null, capacity);
            }
            CoalescedRun fresh = new CoalescedRun(this, capacity);
            places += capacity;
            return fresh;
        }

        /** Puts back a run that was taken and not used. On the batch's thread. */
        void putBack(CoalescedRun run) {
            if (run.isKept()) {
                run.nextFree = spare;
                spare = run;
            }
        }

        /**
         * Gives back a run that holds nothing any more. Any thread may call this, as the last thing that it does with
         * the run.
         */
        void giveBack(CoalescedRun run) {
            CoalescedRun head;
            do {
                head = givenBackVolatile();
                run.nextFree = head;
            } while (!GIVEN_BACK.compareAndSet(this, head, run));
        }

        private @Nullable CoalescedRun takeGivenBack() {
            return givenBackVolatile() == null ? null : (CoalescedRun) GIVEN_BACK.getAndSet(this, null);
        }

        private @Nullable CoalescedRun givenBackVolatile() {
            return (CoalescedRun) GIVEN_BACK.getVolatile(this);
        }
    }
}
