/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.session.Await;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The gate moves though no cursor was written: what it kept is given back, and publishers that wait look again. */
@ExtendWith(Pools.class)
class LogGateTest {
    private static final OverrunPolicy HOLD = OverrunPolicy.hold();
    private final AtomicLong appended = new AtomicLong(-9);

    /** Starts a publisher that waits for room, and returns once it waits. */
    private Thread waitingPublisher(LogFixture fixture) throws Exception {
        Thread publisher = new Thread(() -> {
            try (SendBuffer message = fixture.message("w")) {
                appended.set(fixture.log.append(message, Duration.ofSeconds(20)));
            } catch (InterruptedException e) {
                appended.set(-8);
            }
        });
        publisher.start();
        Await.until("the publisher waits", () -> publisher.getState() == Thread.State.TIMED_WAITING);
        return publisher;
    }

    private void awaitAppended(Thread publisher) throws Exception {
        try {
            publisher.join(2_000);
            assertFalse(publisher.isAlive(), "the publisher still waits");
            assertTrue(appended.get() >= 0, "appended at " + appended.get());
        } finally {
            publisher.interrupt();
            publisher.join();
        }
    }

    @Test
    void shouldWakeAPublisherWhenAReaderClosesWhoseHolderWasNotAdopted() throws Exception {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            fixture.client(HostileChannel.takingAll(), HOLD);
            fixture.append("a");
            Thread publisher = waitingPublisher(fixture);
            fixture.reader.close();
            awaitAppended(publisher);
        }
    }

    @Test
    void shouldWakeAPublisherWhenTheSnapshotOfAHolderFails() throws Exception {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            LogClient client = new LogClient(HostileChannel.takingAll());
            fixture.clients.add(client);
            Thread[] publisher = new Thread[1];
            assertThrows(
                    IllegalStateException.class,
                    () -> fixture.reader.subscribe(client, HOLD, from -> {
                        fixture.append("a");
                        try {
                            publisher[0] = waitingPublisher(fixture);
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                        throw new IllegalStateException("no snapshot");
                    }));
            awaitAppended(publisher[0]);
        }
    }

    @Test
    void shouldWakeAPublisherWhenAHolderBeginsFartherOn() throws Exception {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            LogClient client = new LogClient(HostileChannel.takingAll());
            fixture.clients.add(client);
            Thread[] publisher = new Thread[1];
            assertNotNull(fixture.reader.subscribe(client, HOLD, from -> {
                fixture.append("a");
                try {
                    publisher[0] = waitingPublisher(fixture);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
                return new LogSnapshot(fixture.message("s"), from + 1);
            }));
            fixture.turn();
            fixture.turn();
            assertTrue(client.text().startsWith("s"), client.text()); // the publisher may have appended already
            awaitAppended(publisher[0]);
        }
    }

    @Test
    void shouldGiveBackWhatASubscriberKeptThatBeginsFartherOn() {
        try (LogFixture fixture = LogFixture.ofMessages(4)) {
            LogClient client = new LogClient(HostileChannel.takingAll());
            fixture.clients.add(client);
            assertNotNull(fixture.reader.subscribe(client, OverrunPolicy.end(), from -> {
                fixture.append("a");
                return new LogSnapshot(fixture.message("s"), from + 1);
            }));
            fixture.turn();
            fixture.turn();
            assertEquals(0, fixture.log.stats().retainedMessages());
        }
    }

    @Test
    void shouldGiveBackWhatASubscriberKeptThatNeverBegan() {
        try (LogFixture fixture = LogFixture.ofMessages(4)) {
            LogClient client = new LogClient(HostileChannel.takingAll());
            fixture.clients.add(client);
            assertThrows(
                    IllegalStateException.class,
                    () -> fixture.reader.subscribe(client, OverrunPolicy.end(), from -> {
                        fixture.append("a", "b");
                        throw new IllegalStateException("no snapshot");
                    }));
            fixture.turn();
            fixture.turn();
            assertEquals(0, fixture.log.stats().retainedMessages());
        }
    }

    @Test
    void shouldEndASubscriptionThatSkipsToTheEndOfAClosedLog() {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.skip());
            fixture.turn();
            client.stalled = true;
            fixture.append("a", "b");
            fixture.turn();
            fixture.log.close();
            fixture.turn();
            client.stalled = false;
            client.flushAll();
            fixture.turn();
            fixture.turn();
            assertFalse(client.queue.isSubscribed());
        }
    }

    @Test
    void shouldWakeAPublisherWhenAHolderIsClosedWithARest() throws Exception {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            LogClient client = new LogClient(HostileChannel.takingAll());
            fixture.clients.add(client);
            Subscription place = fixture.reader.subscribe(client, HOLD);
            assertNotNull(place);
            fixture.turn();
            client.channel.takeAtMost(1);
            fixture.append("ab");
            fixture.turn();
            client.stalled = true;
            fixture.append("c");
            Thread publisher = waitingPublisher(fixture);
            place.close();
            fixture.turn();
            fixture.turn();
            awaitAppended(publisher);
        }
    }

    /** The wake-up, which is the user's, may wait for a thread that serves a reader. */
    @Test
    void shouldCallTheWakeUpUnderNoLockWhenAPublisherHasWaited() throws Exception {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            AtomicBoolean isWaitedFor = new AtomicBoolean();
            AtomicLong finished = new AtomicLong();
            LogReader other = fixture.log.newReader(() -> {
                if (isWaitedFor.get()) {
                    Thread server = new Thread(fixture.log::mayHaveRoom);
                    server.start();
                    finished.set(joined(server) ? 1 : -1);
                }
            });
            LogClient client = new LogClient(HostileChannel.takingAll());
            fixture.clients.add(client);
            assertNotNull(other.subscribe(client, OverrunPolicy.end()));
            fixture.client(HostileChannel.takingAll(), HOLD);
            fixture.append("a");
            Thread publisher = waitingPublisher(fixture);
            isWaitedFor.set(true);
            other.serve();
            other.endTurn();
            fixture.turn();
            awaitAppended(publisher);
            assertEquals(1, finished.get());
            isWaitedFor.set(false);
            other.close();
        }
    }

    private static boolean joined(Thread thread) {
        try {
            thread.join(1_000);
        } catch (InterruptedException e) {
            return false;
        }
        return !thread.isAlive();
    }
}
