/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is delivered after the close, when no more threads are available. */
@Timeout(60)
class DeliveryThreadsTest {
    private final OutOfMemoryError refusal = new OutOfMemoryError("unable to create native thread, on purpose");
    private final List<Throwable> reported = new CopyOnWriteArrayList<>();
    private final List<Thread> made = new ArrayList<>();
    private final ThreadFactory oneThread = task -> {
        if (!made.isEmpty()) {
            throw refusal;
        }
        Thread thread = new Thread(task, "delivery");
        thread.setDaemon(true);
        made.add(thread);
        return thread;
    };
    private final DeliveryThreads delivery = new DeliveryThreads(
            oneThread, SendLoop.builder().errorHandler(reported::add).settings());

    private final List<String> ran = new CopyOnWriteArrayList<>();

    private final class Named extends Delivery.Task {
        private final String name;
        private final Runnable action;

        Named(String name, Runnable action) {
            this.name = name;
            this.action = action;
        }

        @Override
        void run() {
            ran.add(name + " begins");
            action.run();
            ran.add(name + " ends");
        }
    }

    @Test
    void shouldRunWhatIsDeliveredWhenAllIsClosedAndNoThreadIsToBeHad() throws Exception {
        delivery.close();
        made.get(0).join(TimeUnit.SECONDS.toMillis(30));
        Named second = new Named("second", () -> {});
        delivery.deliver(new Named("first", () -> delivery.deliver(second)));
        assertEquals(List.of("first begins", "first ends", "second begins", "second ends"), ran);
        assertEquals(1, reported.size());
        assertSame(refusal, reported.get(0));
        delivery.deliver(second);
        assertEquals(6, ran.size(), "and again");
    }
}
