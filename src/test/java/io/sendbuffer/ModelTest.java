/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random operations on a small pool and a few queues, compared step by step with a simple model of both. */
class ModelTest {
    /** They take a full heap, or a clock. */
    private static final Set<OfferResult> NOT_MODELED = EnumSet.of(
            OfferResult.REFUSED_HEAP,
            OfferResult.REFUSED_SOFT_LIMIT,
            OfferResult.REFUSED_AGE,
            OfferResult.REFUSED_EXPENDABLE,
            OfferResult.REFUSED_BUDGET);

    private static final int OPERATIONS = 100_000;
    private static final int QUEUES = 8;
    private static final int STEPS_BETWEEN_FULL_CHECKS = 50;

    private final ModelPool pool = new ModelPool();
    private final List<ModelQueue> queues = new ArrayList<>();
    private SplittableRandom random = new SplittableRandom();

    static LongStream seeds() {
        return LongStream.of(1, 2, 3, TestSeed.next());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldDoWhatTheModelDoes(long seed) {
        random = new SplittableRandom(seed);
        int step = 0;
        try {
            for (int i = 0; i < QUEUES; i++) {
                queues.add(new ModelQueue(pool, random));
            }
            for (; step < OPERATIONS; step++) {
                operate(random.nextInt(100));
                pool.requireAsModeled();
                if (step % STEPS_BETWEEN_FULL_CHECKS == 0) {
                    requireAllAsModeled();
                }
            }
            giveAllBack();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("operation " + step + TestSeed.hint(seed), e);
        }
    }

    private void operate(int dice) {
        if (dice < 22) {
            pool.tryAcquire(randomCapacity());
        } else if (dice < 32) {
            writable().forEach(message -> message.write(random));
        } else if (dice < 50) {
            writable().forEach(this::seal);
        } else if (dice < 68) {
            sealed().forEach(this::broadcast);
        } else if (dice < 82) {
            oneOf(queues).flush();
        } else if (dice < 95) {
            anyHeld().forEach(this::retainOrRelease);
        } else if (dice < 96) {
            oneOf(queues).block(random);
        } else if (dice < 97) {
            replaceAnEndedQueueOr(queue -> queue.breakChannel(random));
        } else if (dice < 98) {
            replaceAnEndedQueueOr(ModelQueue::close);
        } else if (dice < 99) {
            pool.trim();
        } else {
            // Abandoned before the seal.
            writable().forEach(this::releaseAll);
        }
    }

    private int randomCapacity() {
        return switch (random.nextInt(20)) {
            case 0 -> 0;
            case 1 -> random.nextInt(ModelPool.CHUNK, 3 * ModelPool.CHUNK);
            case 2, 3, 4, 5 -> random.nextInt(ModelPool.CHUNK + 1);
            default -> random.nextInt(65);
        };
    }

    private void seal(ModelMessage message) {
        message.seal(random);
        pool.sealed(message);
    }

    private void broadcast(ModelMessage message) {
        for (ModelQueue queue : queues) {
            if (random.nextBoolean()) {
                queue.offer(message, random.nextBoolean());
            }
        }
    }

    private void retainOrRelease(ModelMessage message) {
        int references = random.nextInt(1, 4);
        if (random.nextInt(4) == 0) {
            message.buffer.retain(references);
            message.held += references;
        } else if (references > message.held + message.queued) {
            assertThrows(IllegalStateException.class, () -> message.buffer.release(references));
        } else {
            int released = Math.min(references, message.held);
            boolean last = message.held + message.queued == released;
            assertEquals(last, message.buffer.release(released));
            message.held -= released;
            pool.forgetIfFree(message);
        }
    }

    private void releaseAll(ModelMessage message) {
        message.buffer.release(message.held);
        message.held = 0;
        pool.forgetIfFree(message);
    }

    private void replaceAnEndedQueueOr(Consumer<ModelQueue> action) {
        int index = random.nextInt(queues.size());
        if (queues.get(index).isEnded()) {
            queues.set(index, new ModelQueue(pool, random));
        } else {
            action.accept(queues.get(index));
        }
    }

    private void requireAllAsModeled() {
        pool.alive.forEach(ModelMessage::requireAsModeled);
        queues.forEach(ModelQueue::requireAsModeled);
    }

    private void giveAllBack() {
        requireAllAsModeled();
        queues.forEach(ModelQueue::close);
        List.copyOf(pool.alive).forEach(this::releaseAll);
        pool.requireAsModeled();
        assertEquals(List.of(), pool.alive);
        assertTrue(pool.hasRefused(), "the pool was never exhausted");
        Set<Enum<?>> all = new HashSet<>(EnumSet.allOf(OfferResult.class));
        all.removeAll(NOT_MODELED);
        all.addAll(EnumSet.of(FlushResult.DRAINED, FlushResult.BLOCKED, FlushResult.CLOSED)); // BUSY takes two threads
        assertEquals(all, pool.outcomes, "outcomes that occurred");
    }

    // ---- targets of operations: one of them, or none

    private List<ModelMessage> writable() {
        return pick(pool.alive.stream().filter(message -> !message.sealed).toList());
    }

    private List<ModelMessage> sealed() {
        return pick(pool.alive.stream()
                .filter(message -> message.sealed && message.held > 0)
                .toList());
    }

    private List<ModelMessage> anyHeld() {
        return pick(pool.alive.stream().filter(message -> message.held > 0).toList());
    }

    private List<ModelMessage> pick(List<ModelMessage> candidates) {
        return candidates.isEmpty() ? List.of() : List.of(oneOf(candidates));
    }

    private <T> T oneOf(List<T> candidates) {
        return candidates.get(random.nextInt(candidates.size()));
    }
}
