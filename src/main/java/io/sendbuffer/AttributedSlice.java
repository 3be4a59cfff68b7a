/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * What a {@link SendBuffer} may say of itself to the queues that it goes to: a key, a class, a time after which it is
 * of no use. Set by the holder of the only reference, and not changed after that, so that all queues see the same. One
 * byte says whether there is anything: all that a message without attributes costs.
 */
abstract class AttributedSlice extends ReadableSlice {
    private static final Duration MIN_TIME = Duration.ofMillis(1);
    private static final Duration MAX_TIME = Duration.ofDays(1);
    private static final long NANOS_PER_MILLI = 1_000_000;

    private static final int KEYED = 1;
    private static final int CONTROL = 2;
    private static final int EXPENDABLE = 4;
    private static final int EXPIRES = 8;

    /** Not of the message's own. */
    private static final int MERGED = 16;

    private static final int OWN = KEYED | CONTROL | EXPENDABLE | EXPIRES;

    /** Which of them it has. */
    private byte attributes;

    /** Of a message that a batch made of neighbors, which has no key, how many they are. */
    private long key;

    /** By {@link #nowMillis()}. An int: what has been of no use for 24 days is so no more, which harms nobody. */
    private int deadlineMillis;

    AttributedSlice(ByteBuffer memory) {
        super(memory);
    }

    /** At the beginning of each life. */
    final void clearAttributes() {
        attributes = 0;
    }

    /** This is a copy, which takes the place of the other one in some queues. */
    final void attributesOf(AttributedSlice original) {
        attributes = original.attributes;
        key = original.key;
        deadlineMillis = original.deadlineMillis;
    }

    final void keyIs(long value) {
        key = value;
        attributes |= KEYED;
    }

    final void standsFor(int messages) {
        key = messages;
        attributes |= MERGED;
    }

    final void classIs(MessageClass messageClass) {
        int others = attributes & ~(CONTROL | EXPENDABLE);
        attributes = (byte)
                switch (messageClass) {
                    case CONTROL -> others | CONTROL;
                    case NORMAL -> others;
                    case EXPENDABLE -> others | EXPENDABLE;
                };
    }

    final void expiresAfter(Duration time) {
        if (time.compareTo(MIN_TIME) < 0 || time.compareTo(MAX_TIME) > 0) {
            throw new IllegalArgumentException("a message expires after 1 ms to 1 day, not after " + time);
        }
        expiresAt(nowMillis() + (int) time.toMillis() + 1); // a part of a millisecond is over
    }

    /** By {@link #nowMillis()}. */
    final void expiresAt(int millis) {
        deadlineMillis = millis;
        attributes |= EXPIRES;
    }

    /** The clock of the deadlines; only differences mean something. */
    static int nowMillis() {
        return (int) (System.nanoTime() / NANOS_PER_MILLI);
    }

    // ---- for the queue

    /** True if the message has a key, a class other than {@link MessageClass#NORMAL}, or a time. */
    public final boolean hasAttributes() {
        return (attributes & OWN) != 0;
    }

    /** How many messages this is: more than one if a batch has made it of neighbors. */
    final int messages() {
        return (attributes & MERGED) == 0 ? 1 : (int) key;
    }

    final boolean isKeyed() {
        return (attributes & KEYED) != 0;
    }

    final long key() {
        return key;
    }

    final boolean isControl() {
        return (attributes & CONTROL) != 0;
    }

    final boolean isExpendable() {
        return (attributes & EXPENDABLE) != 0;
    }

    final boolean expires() {
        return (attributes & EXPIRES) != 0;
    }

    /** When it expires, if it does; by {@link #nowMillis()}. */
    final int deadlineMillis() {
        return deadlineMillis;
    }

    final boolean isExpired(int nowMillis) {
        return expires() && nowMillis - deadlineMillis >= 0;
    }

    /** True if a newer message may take its place. Both have the same key. */
    final boolean mayBeReplacedBy(AttributedSlice newer) {
        return newer.isControl() || !isControl();
    }
}
