/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.FullHeapSweep.require;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A step in the life of queues that are behind, taken by {@link QueueFullHeapMain} while the heap is full. */
enum QueueFullHeapStep {
    EVACUATE {
        @Override
        FullHeapSweep.Scenario scenario() {
            return new OfEvacuation(40);
        }
    },

    /** So many that the tables grow several times. */
    EVACUATE_MANY {
        @Override
        FullHeapSweep.Scenario scenario() {
            return new OfEvacuation(400);
        }
    },

    CONFLATE_IN_PLACE {
        @Override
        FullHeapSweep.Scenario scenario() {
            return new OfConflation(Conflation.inPlace(), 300);
        }
    },

    CONFLATE_AT_END {
        @Override
        FullHeapSweep.Scenario scenario() {
            return new OfConflation(Conflation.atEnd(), 300);
        }
    },

    /** Nothing waits yet. */
    CONFLATE_WITHIN_THE_BATCH {
        @Override
        FullHeapSweep.Scenario scenario() {
            return new OfConflation(Conflation.inPlace(), 0);
        }
    };

    abstract FullHeapSweep.Scenario scenario();

    /** Each message in a chunk of its own, held by two queues. */
    private static final class OfEvacuation implements FullHeapSweep.Scenario {
        private static final int CHUNK = 1 << 10;
        private static final int LENGTH = 16;

        private final int messages;
        private int errors;
        private boolean failed;
        private final SendBufferPool pool = Pools.track(SendBufferPool.builder()
                .chunkSize(CHUNK)
                .maxMemory(1_000 * CHUNK)
                .shedSlowConsumers(false)
                .errorHandler(error -> errors++)
                .build());
        private final List<SendQueue> queues = List.of(new SendQueue(), new SendQueue());

        OfEvacuation(int messages) {
            this.messages = messages;
        }

        @Override
        public void prepare() {
            for (int number = 0; number < messages; number++) {
                try (SendBuffer message =
                        pool.acquire(LENGTH).putInt(number).putInt(~number).seal(LENGTH)) {
                    queues.forEach(queue -> require(queue.offer(message) == OfferResult.QUEUED, "it was queued"));
                }
                pool.acquire(CHUNK - LENGTH).release();
            }
        }

        @Override
        public void take() {
            failed = pool.evacuate() < (messages - 1L) * LENGTH; // the last one is in the current chunk
        }

        @Override
        public void requireContinues() {
            require(errors == 0, "a message was released too often");
            pool.evacuate();
            long pinned = pool.stats().pinnedBytes();
            require(pinned <= 2L * messages * LENGTH + 3 * CHUNK, pinned + " bytes are pinned");
            for (SendQueue queue : queues) {
                HostileChannel channel = HostileChannel.takingAll();
                require(queue.flush(channel) == FlushResult.DRAINED, "all was written");
                ByteBuffer received = ByteBuffer.wrap(channel.bytes());
                require(received.remaining() == messages * LENGTH, "as much as was queued");
                for (int number = 0; number < messages; number++) {
                    int start = number * LENGTH;
                    boolean isWhole = received.getInt(start) == number && received.getInt(start + 4) == ~number;
                    require(isWhole, "message " + number);
                }
            }
        }

        @Override
        public boolean failed() {
            return failed;
        }

        @Override
        public void close() {
            queues.forEach(SendQueue::close);
            requireNothingOutstanding(pool);
        }
    }

    /** A batch with several values of each key. */
    private static final class OfConflation implements FullHeapSweep.Scenario {
        private static final int KEYS = 60;
        private static final int BATCH = 150;

        private final SendBufferPool pool = Pools.create();
        private final SendQueue queue = new SendQueue();
        private final SendBatch batch = new SendBatch();
        private final List<SendBuffer> held = new ArrayList<>();
        private final int before;
        private int values;
        private boolean failed;

        OfConflation(Conflation conflation, int before) {
            this.before = before;
            queue.conflation(conflation);
        }

        private SendBuffer next() {
            int key = values % KEYS;
            SendBuffer value =
                    pool.acquire(8).putInt(key).putInt(values++).conflate(key).seal();
            held.add(value);
            return value;
        }

        @Override
        public void prepare() {
            for (int i = 0; i < before; i++) { // of which most have no key, so that the ring is large
                SendBuffer value = i % 5 == 0 ? next() : other();
                require(queue.offer(value) == OfferResult.QUEUED, "it was queued");
            }
            for (int i = 0; i < BATCH; i++) {
                batch.add(next());
            }
        }

        private SendBuffer other() {
            SendBuffer other = pool.acquire(8).putInt(-1).putInt(0).seal();
            held.add(other);
            pool.acquire(1).release(); // no neighbor
            return other;
        }

        @Override
        public void take() {
            failed = queue.offer(batch.seal()) != OfferResult.QUEUED;
        }

        @Override
        public void requireContinues() {
            require(queue.offer(batch.seal()) == OfferResult.QUEUED, "it is queued when there is memory");
            int waits = queue.queuedMessages();
            require(queue.queuedBytes() == 8L * waits, "the counts are right");
            batch.clear();
            HostileChannel channel = HostileChannel.takingAll();
            require(queue.flush(channel) == FlushResult.DRAINED, "all was written");
            requireLastValues(ByteBuffer.wrap(channel.bytes()), waits);
            for (SendBuffer each : held) {
                require(each.referenceCount() == 1, each.referenceCount() + " references");
            }
        }

        private void requireLastValues(ByteBuffer received, int count) {
            require(received.remaining() == 8 * count, "as much as was queued");
            Map<Integer, Integer> last = new HashMap<>();
            while (received.hasRemaining()) {
                int key = received.getInt();
                int value = received.getInt();
                Integer earlier = key < 0 ? null : last.put(key, value);
                require(earlier == null || earlier <= value, "values of a key are ascending");
            }
            for (int value = values - KEYS; value < values; value++) {
                Integer seen = last.get(value % KEYS);
                require(seen != null && seen == value, "the last value of each key");
            }
        }

        @Override
        public boolean failed() {
            return failed;
        }

        @Override
        public void close() {
            queue.close();
            batch.clear();
            held.forEach(SendBuffer::release);
            requireNothingOutstanding(pool);
        }
    }

    private static void requireNothingOutstanding(SendBufferPool pool) {
        PoolStats stats = pool.stats();
        require(stats.outstandingBuffers() == 0, "lost: " + stats);
        Pools.forget(pool);
        pool.close();
        require(pool.stats().reservedBytes() == 0, "kept: " + pool.stats());
    }
}
