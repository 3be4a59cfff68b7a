/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks that a loop runs, one duty cycle at a time. */
@Timeout(30)
class LoopTasksTest {
    private static final Duration LATER = Duration.ofHours(1);

    private final List<Integer> ran = new ArrayList<>();
    private HandDrivenLoop hand;
    private SendLoop loop;

    @BeforeEach
    void open() throws IOException {
        hand = new HandDrivenLoop(WriteMode.LOOP);
        loop = hand.loop;
    }

    @AfterEach
    void close() {
        hand.close();
    }

    private Runnable note(int number) {
        return () -> ran.add(number);
    }

    private void executeAll(int count) {
        IntStream.range(0, count).forEach(number -> loop.execute(note(number)));
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @Test
    void shouldRunTasksInTheirOrderInTheNextDutyCycle() throws Exception {
        executeAll(10);
        assertEquals(List.of(), ran, "not within the call");

        assertEquals(10, hand.dutyCycle());
        assertEquals(numbers(10), ran);
        assertEquals(0, hand.dutyCycle());
    }

    @Test
    void shouldRunOnlySomeInADutyCycleAndServeTheSessionsBetween() throws Exception {
        RecordingListener listener = new RecordingListener();
        executeAll(LoopTasks.MAX_IN_A_CYCLE + 5);
        loop.add(hand.connect().ours, listener);

        hand.dutyCycle();
        assertEquals(numbers(LoopTasks.MAX_IN_A_CYCLE), ran);
        assertEquals(1, listener.opened.get());
        hand.dutyCycle();
        assertEquals(numbers(LoopTasks.MAX_IN_A_CYCLE + 5), ran);
    }

    @Test
    void shouldNotLetATaskThatGivesItselfAgainStarveTheSessions() throws Exception {
        RecordingListener listener = new RecordingListener();
        loop.execute(new Runnable() {
            @Override
            public void run() {
                ran.add(0);
                loop.execute(this);
            }
        });
        loop.add(hand.connect().ours, listener);

        hand.dutyCycle();
        assertEquals(1, ran.size());
        assertEquals(1, listener.opened.get());
        hand.dutyCycle();
        assertEquals(2, ran.size());
    }

    @Test
    void shouldReportWhatTasksThrowAndRunTheOthers() throws Exception {
        RuntimeException unchecked = new IllegalStateException("a task's own");
        List<Throwable> thrown = List.of(unchecked, new OutOfMemoryError("a task's"), new StackOverflowError());
        for (Throwable each : thrown) {
            loop.execute(() -> LoopTasksTest.<RuntimeException>sneak(each));
            loop.execute(note(1));
        }
        hand.dutyCycle();
        assertEquals(List.of(1, 1, 1), ran);
        assertEquals(thrown, hand.errors);
        assertFalse(loop.isClosed());
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> void sneak(Throwable thrown) throws E {
        throw (E) thrown;
    }

    @Test
    void shouldSurviveATaskThatRunsIntoTheEndOfTheStack() throws Exception {
        loop.execute(LoopTasksTest::recurse);
        loop.execute(note(1));
        hand.dutyCycle();
        assertEquals(List.of(1), ran);
        assertEquals(StackOverflowError.class, hand.errors.get(0).getClass());
    }

    @SuppressWarnings("InfiniteRecursion")
    private static void recurse() {
        recurse();
    }

    @Test
    void shouldRunWhatIsDueAndNothingBefore() throws Exception {
        LoopTask later = loop.schedule(note(2), LATER);
        LoopTask soon = loop.schedule(note(1), Duration.ofMillis(20));
        long start = System.nanoTime();
        hand.dutyCyclesUntil("the first has run", () -> !ran.isEmpty());
        assertTrue(System.nanoTime() - start >= Duration.ofMillis(19).toNanos(), "early");
        assertEquals(List.of(1), ran);
        assertTrue(soon.isOver());
        assertFalse(later.isOver());
        assertFalse(soon.cancel());
    }

    @Test
    void shouldRunThoseThatAreDueInTheOrderOfTheirTimes() throws Exception {
        loop.schedule(note(3), Duration.ofMillis(6));
        loop.schedule(note(2), Duration.ofMillis(4));
        loop.schedule(note(1), Duration.ofMillis(2));
        loop.execute(note(0));
        Await.until("all are due", after(Duration.ofMillis(7)));
        hand.dutyCycle();
        assertEquals(numbers(4), ran);
    }

    private static BooleanSupplier after(Duration time) {
        long start = System.nanoTime();
        return () -> System.nanoTime() - start > time.toNanos();
    }

    @Test
    void shouldNotRunATaskThatWasCanceledOnItsWayOrWhileItWaits() throws Exception {
        LoopTask onItsWay = loop.schedule(note(1), Duration.ZERO);
        assertTrue(onItsWay.cancel());
        LoopTask waits = loop.schedule(note(2), Duration.ofMillis(1));
        loop.schedule(note(3), Duration.ofMillis(1));
        hand.dutyCycle();
        assertTrue(waits.cancel());
        assertFalse(waits.cancel(), "it is canceled already");
        assertTrue(onItsWay.isOver() && waits.isOver());
        hand.dutyCyclesUntil("the last has run", () -> !ran.isEmpty());
        assertEquals(List.of(3), ran);
    }

    @Test
    void shouldKeepNothingOfTasksThatWereCanceled() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            LoopTask task = loop.schedule(note(i), LATER);
            if (i % 2 == 0) {
                hand.dutyCycle();
            }
            assertTrue(task.cancel());
        }
        hand.dutyCycle();
        assertEquals(Long.MAX_VALUE, loop.tasks().nanosToSleep(Long.MAX_VALUE), "none waits");
        assertFalse(loop.tasks().hasNew());
    }

    @Test
    void shouldRunAgainAtEachMultipleOfThePeriodAndLeaveOutWhatItIsLateFor() throws Exception {
        long start = System.nanoTime();
        List<Long> times = new ArrayList<>();
        LoopTask task = loop.scheduleAtFixedRate(() -> times.add(System.nanoTime() - start), Duration.ofMillis(4));
        hand.dutyCyclesUntil("it ran twice", () -> times.size() == 2);
        assertTrue(times.get(0) >= Duration.ofMillis(4).toNanos(), "the first after one period");
        assertTrue(times.get(1) >= Duration.ofMillis(8).toNanos(), "the second after two");
        Await.until("the loop is late", after(Duration.ofMillis(30)));
        hand.dutyCycle();
        hand.dutyCycle();
        assertEquals(3, times.size(), "what was missed is left out");
        assertFalse(task.isOver());
        assertTrue(task.cancel());
        Await.until("it would be due", after(Duration.ofMillis(5)));
        hand.dutyCycle();
        assertEquals(3, times.size());
        assertTrue(task.isOver());
    }

    @Test
    void shouldRunAPeriodicTaskAgainThatHasThrown() throws Exception {
        loop.scheduleAtFixedRate(
                () -> {
                    ran.add(0);
                    throw new IllegalStateException("again");
                },
                Duration.ofMillis(1));
        hand.dutyCyclesUntil("it ran twice", () -> ran.size() == 2);
        assertEquals(2, hand.errors.size());
    }

    @Test
    void shouldEndAPeriodicTaskThatCancelsItself() throws Exception {
        LoopTask[] task = new LoopTask[1];
        task[0] = loop.scheduleAtFixedRate(
                () -> {
                    ran.add(0);
                    assertTrue(task[0].cancel());
                },
                Duration.ofMillis(1));
        hand.dutyCyclesUntil("it ran", () -> !ran.isEmpty());
        Await.until("it would be due", after(Duration.ofMillis(3)));
        hand.dutyCycle();
        assertEquals(1, ran.size());
        assertEquals(List.of(), hand.errors);
    }

    @Test
    void shouldDropWhatIsLeftWhenItCloses() throws Exception {
        LoopTask given = loop.schedule(note(1), Duration.ZERO);
        LoopTask waits = loop.schedule(note(2), LATER);
        LoopTask periodic = loop.scheduleAtFixedRate(note(3), Duration.ofMillis(1));
        hand.end();
        assertEquals(List.of(), ran);
        for (LoopTask each : List.of(given, waits, periodic)) {
            assertTrue(each.isOver());
            assertFalse(each.cancel());
        }
    }

    @Test
    void shouldRefuseTasksOnceItIsClosed() throws Exception {
        hand.end();
        assertSays(assertThrows(RejectedExecutionException.class, () -> loop.execute(note(1))), "the loop is closed");
        assertThrows(RejectedExecutionException.class, () -> loop.schedule(note(1), LATER));
        assertThrows(RejectedExecutionException.class, () -> loop.scheduleAtFixedRate(note(1), LATER));
        assertEquals(List.of(), ran);
    }

    @Test
    void shouldRefuseTasksOfCallbacksThatComeWithItsEnd() throws Exception {
        List<Throwable> refused = new ArrayList<>();
        hand.open(hand.connect(), new RecordingListener() {
            @Override
            public void onClosed(Session session, @Nullable Throwable cause) {
                refused.add(assertThrows(RejectedExecutionException.class, () -> loop.execute(note(1))));
            }
        });
        hand.end();
        assertEquals(1, refused.size());
    }

    @Test
    void shouldSayWhyItRefusesIfItHasDied() {
        OutOfMemoryError death = new OutOfMemoryError("made by the test");
        loop.die(death);
        assertSame(
                death,
                assertThrows(RejectedExecutionException.class, () -> loop.execute(note(1)))
                        .getCause());
    }

    @Test
    @SuppressWarnings("NullAway")
    void shouldCheckWhatItIsGiven() {
        assertThrows(NullPointerException.class, () -> loop.execute(null));
        assertThrows(NullPointerException.class, () -> loop.schedule(null, LATER));
        assertThrows(IllegalArgumentException.class, () -> loop.schedule(note(1), Duration.ofNanos(-1)));
        assertThrows(IllegalArgumentException.class, () -> loop.schedule(note(1), Duration.ofDays(366)));
        assertThrows(
                IllegalArgumentException.class, () -> loop.scheduleAtFixedRate(note(1), Duration.ofNanos(999_999)));
        assertThrows(IllegalArgumentException.class, () -> loop.scheduleAtFixedRate(note(1), Duration.ofDays(366)));
    }
}
