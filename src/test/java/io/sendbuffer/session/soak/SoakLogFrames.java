/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.Gap;
import io.sendbuffer.SendBuffer;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** Messages about positions of a log, in the form of {@link io.sendbuffer.session.Frames}, without a payload. */
final class SoakLogFrames {
    /** What the messages of the logs are numbered from, and these beyond them. */
    static final int LOGS = SoakGroups.REPLIES + 1;

    static final int SNAPSHOT = LOGS + 2;
    static final int GAP_FIRST = LOGS + 3;
    static final int GAP_LAST = LOGS + 4;

    private static final int IDENTITY = Integer.BYTES + Long.BYTES;
    private static final int LENGTH = Integer.BYTES + IDENTITY + Integer.BYTES;

    private SoakLogFrames() {}

    /** Says at which position the log begins; null if the pool has no room. */
    static @Nullable SendBuffer snapshot(SoakPopulation population, long position) {
        SendBuffer message = acquire(population, LENGTH);
        return message == null ? null : put(message, SNAPSHOT, position).seal();
    }

    /** Says which positions are missing here; null if the pool has no room. */
    static @Nullable SendBuffer notice(SoakPopulation population, Gap gap) {
        SendBuffer message = acquire(population, 2 * LENGTH);
        return message == null
                ? null
                : put(put(message, GAP_FIRST, gap.firstPosition()), GAP_LAST, gap.lastPosition())
                        .seal();
    }

    private static @Nullable SendBuffer acquire(SoakPopulation population, int capacity) {
        SendBuffer message = population.ask(
                false, () -> population.pool.acquire(capacity), () -> population.pool.tryAcquire(capacity));
        if (message == null) {
            return null;
        }
        population.tally.sent.increment();
        return message.onRelease(population.releases);
    }

    private static SendBuffer put(SendBuffer message, int sender, long position) {
        CRC32 crc = new CRC32();
        crc.update(
                ByteBuffer.allocate(IDENTITY).putInt(sender).putLong(position).flip());
        return message.putInt(0).putInt(sender).putLong(position).putInt((int) crc.getValue());
    }
}
