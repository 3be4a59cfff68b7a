/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** No release listener runs inside another: they run one after the other, whatever each of them does. */
class ReleaseNestingTest {
    private static final int CHAIN = 100_000;

    private final List<Throwable> errors = new ArrayList<>();
    private final SendBufferPool pool =
            Pools.track(SendBufferPool.builder().errorHandler(errors::add).build());
    private final HostileChannel channel = HostileChannel.takingAll();

    private int depth;
    private int deepest;
    private int deepestStack;
    private int calls;

    private void entered() {
        calls++;
        depth++;
        deepest = Math.max(deepest, depth);
    }

    /** Each listener sends a message to a queue of its own; the listener of that message sends to the next. */
    private void sendNext(int unwritten) {
        entered();
        if (calls % 1_000 == 0) {
            deepestStack = Math.max(deepestStack, StackWalker.getInstance().walk(frames -> (int) frames.count()));
        }
        if (calls < CHAIN) {
            SendQueue queue = new SendQueue();
            try (SendBuffer message = text(pool, "m").onRelease(this::sendNext)) {
                queue.offer(message);
            }
            queue.flush(channel);
            queue.close();
        }
        depth--;
    }

    @Test
    void shouldNeedNoMoreStackForAChainOfThousandsThanForOne() {
        text(pool, "first").onRelease(this::sendNext).release();
        assertEquals(CHAIN, calls);
        assertEquals(1, deepest);
        assertTrue(deepestStack < 200, "frames: " + deepestStack);
        assertEquals(CHAIN - 1, channel.byteCount());
        assertEquals(List.of(), errors);
    }

    @Test
    void shouldCallInTheOrderOfTheReleasesAndAfterTheOuterOneReturned() {
        List<String> order = new ArrayList<>();
        List<SendBuffer> inner = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            String name = "inner " + i;
            inner.add(text(pool, "m").onRelease(unwritten -> order.add(name)));
        }
        SendBuffer outer = text(pool, "m").onRelease(unwritten -> {
            inner.forEach(SendBuffer::release);
            order.add("outer");
        });
        outer.release();
        assertEquals(3_001, order.size());
        assertEquals("outer", order.get(0));
        for (int i = 0; i < 3_000; i++) {
            assertEquals("inner " + i, order.get(i + 1));
        }
    }

    /** The queue of calls is never empty and never long: it must not grow. */
    @Test
    void shouldContinueWithOneAlwaysWaiting() {
        for (int i = 0; i < 2; i++) {
            text(pool, "m").onRelease(this::releaseTwoAtFirst).release();
        }
        assertEquals(CHAIN + 2, calls); // two at a time, and the second of the two above
        assertEquals(1, deepest);
    }

    private void releaseTwoAtFirst(int unwritten) {
        entered();
        if (calls < CHAIN) {
            text(pool, "m").onRelease(this::releaseTwoAtFirst).release();
            if (calls == 1) {
                text(pool, "m").onRelease(this::releaseTwoAtFirst).release();
            }
        }
        depth--;
    }

    @Test
    void shouldCallAllWhateverOneThrows() {
        List<Throwable> thrown = List.of(
                new OutOfMemoryError("on purpose"), new IllegalStateException("on purpose"), new AssertionError("x"));
        List<SendBuffer> inner = new ArrayList<>();
        for (Throwable each : thrown) {
            inner.add(text(pool, "m").onRelease(unwritten -> {
                calls++;
                ReleaseNestingTest.<RuntimeException>sneak(each);
            }));
        }
        text(pool, "m")
                .onRelease(unwritten -> {
                    inner.forEach(SendBuffer::release);
                    throw new StackOverflowError("on purpose");
                })
                .release();
        assertEquals(3, calls);
        assertEquals(4, errors.size());
        assertEquals(thrown, errors.subList(1, 4));
        calls = 0;
        text(pool, "m").onRelease(unwritten -> calls++).release();
        assertEquals(1, calls, "the thread is not stuck in a listener");
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void shouldReportTheMessagesOfABatchAfterTheListenerThatClearsIt() {
        List<String> order = new ArrayList<>();
        SendBatch batch = new SendBatch();
        for (String name : List.of("a", "b")) {
            try (SendBuffer message = text(pool, name).onRelease(unwritten -> order.add(name + unwritten))) {
                batch.add(message);
            }
        }
        SendQueue closed = new SendQueue();
        closed.offer(batch.seal());
        assertEquals(1, closed.queuedMessages(), "they were merged");
        text(pool, "outer")
                .onRelease(unwritten -> {
                    batch.clear();
                    closed.close();
                    order.add("outer");
                })
                .release();
        assertEquals(List.of("outer", "a1", "b1"), order);
    }

    @Test
    void shouldReleaseAllWhenAListenerClosesTheQueueThatIsBeingClosed() {
        SendQueue queue = new SendQueue();
        for (int i = 0; i < 100; i++) {
            try (SendBuffer message = text(pool, "m").onRelease(unwritten -> {
                calls += unwritten;
                queue.close();
            })) {
                queue.offer(message);
            }
        }
        queue.close();
        assertEquals(100, calls);
    }
}
