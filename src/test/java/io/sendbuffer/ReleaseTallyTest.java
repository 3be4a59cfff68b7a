package io.sendbuffer;

import static io.sendbuffer.Messages.assertOnlyOurs;
import static io.sendbuffer.Messages.neighbors;
import static io.sendbuffer.Messages.offerAll;
import static io.sendbuffer.Messages.releaseAll;
import static io.sendbuffer.Messages.separate;
import static io.sendbuffer.Messages.text;
import static io.sendbuffer.Messages.textOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What goes into a tally comes back once, whatever the order, and not before it is asked for. */
class ReleaseTallyTest {
    private static final long NO_END = Long.MAX_VALUE;

    private final SendBufferPool pool = Pools.create();
    private final ReleaseTally tally = new ReleaseTally();
    private final List<SendQueue> queues =
            Stream.generate(SendQueue::new).limit(4).toList();
    private final HostileChannel channel = HostileChannel.takingAll();

    private static List<Integer> counts(List<SendBuffer> messages) {
        return messages.stream().map(SendBuffer::referenceCount).toList();
    }

    private void flush(SendQueue queue) {
        assertEquals(FlushResult.DRAINED, queue.flush(channel, NO_END, tally));
    }

    @Test
    void shouldHaveNothingToGiveBackWhenEmpty() {
        tally.releaseAll();
        flush(queues.get(0));
        tally.releaseAll();
    }

    @Test
    void shouldGiveWhatSeveralQueuesWroteBackWhenItIsAsked() {
        List<SendBuffer> messages = separate(pool, "a", "b", "c");
        queues.forEach(queue -> offerAll(queue, messages));
        queues.forEach(this::flush);
        assertEquals(List.of(5, 5, 5), counts(messages), "all are written, and none is given back");
        assertEquals("abc".repeat(4), textOf(channel));
        queues.forEach(queue -> assertEquals(0, queue.queuedMessages()));
        tally.releaseAll();
        assertOnlyOurs(messages);
        tally.releaseAll();
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    /** One step for all queues: nobody ever sees some of the references given back. */
    @Test
    void shouldGiveAllReferencesToAMessageBackInOneStep() {
        List<SendBuffer> messages = separate(pool, "a", "b");
        List<List<Integer>> seen = new ArrayList<>();
        SendBuffer first = text(pool, "first").onRelease(unwritten -> seen.add(counts(messages)));
        SendBuffer between = text(pool, "between").onRelease(unwritten -> seen.add(counts(messages)));
        List<SendBuffer> all = List.of(first, messages.get(0), between, messages.get(1));
        queues.forEach(queue -> offerAll(queue, all));
        first.release();
        between.release();
        queues.forEach(this::flush);
        tally.releaseAll();
        assertEquals(List.of(List.of(5, 5), List.of(1, 5)), seen);
        releaseAll(messages);
    }

    @Test
    void shouldCountRightWhenQueuesHaveOtherMessagesBetween() {
        List<SendBuffer> messages = separate(pool, "a", "b", "c", "d");
        SendBuffer a = messages.get(0);
        SendBuffer b = messages.get(1);
        SendBuffer c = messages.get(2);
        SendBuffer d = messages.get(3);
        offerAll(queues.get(0), List.of(a, b));
        offerAll(queues.get(1), List.of(c, a, c, b));
        offerAll(queues.get(2), List.of(a, a, b, d, b, a));
        offerAll(queues.get(3), List.of(b, d));
        queues.forEach(this::flush);
        assertEquals(List.of(6, 6, 3, 3), counts(messages));
        tally.releaseAll();
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldKeepAMessageThatAWriteCutUntilItsEndIsWritten() {
        List<SendBuffer> messages = neighbors(pool, "abc", "def", "ghi");
        queues.forEach(queue -> offerAll(queue, messages));
        HostileChannel slow = HostileChannel.takingAll().takeAtMost(4);
        flush(queues.get(0));
        assertEquals(FlushResult.BLOCKED, queues.get(1).flush(slow, NO_END, tally));
        flush(queues.get(2));
        tally.releaseAll();
        assertEquals(List.of(2, 3, 3), counts(messages));
        assertEquals(FlushResult.DRAINED, queues.get(1).flush(slow.takeAtMost(100), NO_END, tally));
        flush(queues.get(3));
        tally.releaseAll();
        assertEquals("abcdefghi", textOf(slow));
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldHoldWhatWasWrittenByAQueueThatEndedThen() {
        List<SendBuffer> messages = separate(pool, "a", "b");
        queues.forEach(queue -> offerAll(queue, messages));
        queues.forEach(this::flush);
        queues.forEach(SendQueue::close);
        assertEquals(List.of(5, 5), counts(messages), "written, so no longer the queue's");
        tally.releaseAll();
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldGiveBackWhatWasWrittenBeforeAnError() {
        List<SendBuffer> messages = separate(pool, "a", "b");
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxBytesPerWrite(1));
        offerAll(queue, messages);
        int[] writes = {0};
        channel.duringWrite(() -> {
            if (++writes[0] == 2) {
                channel.throwNext(new StackOverflowError("on purpose"));
            }
        });
        assertThrows(StackOverflowError.class, () -> queue.flush(channel, NO_END, tally));
        assertEquals(List.of(2, 1), counts(messages));
        tally.releaseAll();
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldGiveAllOthersBackWhenAMessageWasReleasedTooOftenElsewhere() {
        List<SendBuffer> messages = separate(pool, "a", "b", "c");
        queues.forEach(queue -> offerAll(queue, messages));
        queues.forEach(this::flush);
        messages.get(1).release(2); // ours, and one that is the tally's
        assertThrows(IllegalStateException.class, tally::releaseAll);
        assertEquals(List.of(1, 3, 1), counts(messages));
        tally.releaseAll();
        messages.get(1).release(3);
        messages.get(0).release();
        messages.get(2).release();
    }

    /** A listener answers with a message, and drains it with the tally that is giving back at this moment. */
    @Test
    void shouldTakeAndGiveBackWhatAReleaseListenerDrainsWithIt() {
        List<Integer> told = new ArrayList<>();
        List<SendBuffer> others = separate(pool, "x", "y");
        for (int i = 0; i < 20; i++) {
            int number = i;
            SendBuffer message = text(pool, "m").onRelease(unwritten -> {
                told.add(number);
                SendBuffer answer = text(pool, "answer").onRelease(nobody -> told.add(100 + number));
                offerAll(queues.get(1), List.of(answer, others.get(0)));
                answer.release();
                flush(queues.get(1));
            });
            queues.get(0).offer(message);
            message.release();
        }
        offerAll(queues.get(0), others);
        flush(queues.get(0));
        assertEquals(List.of(), told);
        tally.releaseAll();
        assertEquals(
                IntStream.concat(IntStream.range(0, 20), IntStream.range(100, 120))
                        .boxed()
                        .toList(),
                told);
        assertOnlyOurs(others);
        releaseAll(others);
    }

    /** A listener that is a drainer itself, and so gives all back in the end. */
    @Test
    void shouldGiveEverythingBackWhenAReleaseListenerDoes() {
        List<SendBuffer> others = separate(pool, "x", "y", "z");
        SendBuffer first = text(pool, "first").onRelease(unwritten -> {
            offerAll(queues.get(1), others);
            flush(queues.get(1));
            tally.releaseAll();
            assertOnlyOurs(others);
            offerAll(queues.get(2), others);
            flush(queues.get(2));
        });
        queues.get(0).offer(first);
        first.release();
        offerAll(queues.get(0), others);
        flush(queues.get(0));
        tally.releaseAll();
        assertOnlyOurs(others);
        releaseAll(others);
    }

    @Test
    void shouldReleaseAtOnceWhatIsMoreThanAThousandMessages() {
        int most = 1_024;
        List<SendBuffer> messages = new ArrayList<>();
        for (int i = 0; i < most + 500; i++) {
            messages.add(text(pool, "m"));
        }
        queues.forEach(queue -> offerAll(queue, messages));
        queues.forEach(this::flush);
        for (int i = 0; i < messages.size(); i++) {
            assertEquals(i < most ? 5 : 1, messages.get(i).referenceCount(), "references to message " + i);
        }
        tally.releaseAll();
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldGiveEverythingBackInAnyOrderOfMessagesAndQueues() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        List<SendBuffer> messages = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            messages.add(text(pool, "message"));
        }
        for (int round = 0; round < 2_000; round++) {
            SendQueue queue = queues.get(random.nextInt(queues.size()));
            int from = random.nextInt(messages.size());
            for (int i = from; i < messages.size() && random.nextInt(8) != 0; i += 1 + random.nextInt(2)) {
                assertEquals(OfferResult.QUEUED, queue.offer(messages.get(i)), () -> TestSeed.hint(seed));
            }
            if (random.nextBoolean()) {
                queue.flush(channel.takeAtMost(1 + random.nextInt(100)), NO_END, tally);
            }
            if (random.nextInt(10) == 0) {
                tally.releaseAll();
                int queued = queues.stream().mapToInt(SendQueue::queuedMessages).sum();
                int held = messages.stream()
                        .mapToInt(SendBuffer::referenceCount)
                        .map(count -> count - 1)
                        .sum();
                assertEquals(queued, held, () -> "references held" + TestSeed.hint(seed));
            }
        }
        channel.takeAtMost(Integer.MAX_VALUE);
        queues.forEach(this::flush);
        tally.releaseAll();
        assertOnlyOurs(messages);
        releaseAll(messages);
    }
}
