package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * All kinds of session together, for as long as {@code -Dsoak.seconds} says: peers that read fast, slowly, not at all,
 * that leave and reset, sessions that are closed and aborted by whoever, a pool that is full now and then, senders that
 * are interrupted. Every byte that arrives is checked, and every end; when the time is over nothing is outstanding.
 */
class SoakIT {
    private static final int SECONDS = Integer.getInteger("soak.seconds", 5);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final double SECONDS_BETWEEN_LULLS = 1.5;
    private static final int CHURNS = 2;
    private static final int CHUNK = 16 << 10;
    private static final int CHUNKS = 48;

    private final long seed = TestSeed.next();
    private final SplittableRandom random = new SplittableRandom(seed);
    private final SoakTally tally = new SoakTally();
    private final SendBufferPool pool = Pools.track(SendBufferPool.builder()
            .chunkSize(CHUNK)
            .maxMemory((long) CHUNKS * CHUNK)
            .errorHandler(tally::fail)
            .build());
    private final SoakPopulation population = new SoakPopulation(tally, pool);
    private final SoakPeers peers = new SoakPeers(tally);
    private final List<SoakHost> hosts = new ArrayList<>();
    private final Queue<SoakHost> open = new ArrayDeque<>();
    private final List<SoakSender> senders = new ArrayList<>();
    private final List<Future<Boolean>> running = new ArrayList<>();

    @Test
    void shouldLoseNothingAndLeaveNothingOutstandingWhateverHappens() {
        Set<Thread> before = new HashSet<>(threadsOfTheLibrary());
        print("starts: " + SECONDS + " s" + TestSeed.hint(seed));
        assertTimeoutPreemptively(Duration.ofSeconds(SECONDS).plus(PATIENCE), () -> {
            try {
                startHosts();
                startThreads();
                awaitTheEnd();
                endInOrder();
            } catch (AssertionError e) {
                throw new AssertionError(e.getMessage() + hint(), e);
            } finally {
                tally.stop();
                peers.calmDown();
                closeHosts();
                peers.close();
            }
            requireNothingIsLeft(before);
        });
    }

    private void startHosts() throws IOException {
        for (SessionKind kind : SessionKind.values()) {
            if (kind.isSupported()) {
                start(new SoakKindHost(kind, tally, peers));
            }
        }
        for (SoakBlockingHost.Output output : SoakBlockingHost.Output.values()) {
            start(new SoakBlockingHost(output, tally, peers));
        }
    }

    private void start(SoakHost host) {
        hosts.add(host);
        open.add(host);
    }

    private void startThreads() {
        peers.start();
        for (int i = 0; i < SoakGroups.SENDERS; i++) {
            SoakSender sender = new SoakSender(i, population, random.split());
            senders.add(sender);
        }
        for (int i = 0; i < CHURNS; i++) {
            SoakChurn churn = new SoakChurn(population, hosts, senders, random.split());
            running.add(Threads.start(churn::run));
        }
        senders.forEach(sender -> running.add(Threads.start(sender::run)));
    }

    /** With a lull now and then; and until every kind took part, on a machine that is busy with other things. */
    private void awaitTheEnd() throws Exception {
        double line = 0;
        double lull = SECONDS_BETWEEN_LULLS;
        Await.until("every kind took part", this::isEveryKindAtWork);
        double start = tally.seconds();
        while (tally.goesOn() && tally.seconds() - start < SECONDS) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            double now = tally.seconds() - start;
            if (now >= line) {
                line = now + Math.max(1, Math.min(10, SECONDS / 60));
                print(tally + "; " + population.kindsAlive() + " of " + hosts.size() + " kinds alive");
            }
            if (now >= lull) {
                rest();
                lull = tally.seconds() - start + SECONDS_BETWEEN_LULLS;
            }
        }
    }

    private boolean isEveryKindAtWork() {
        tally.requireHealthy();
        return hosts.stream().allMatch(host -> tally.receivedFrom(host.name()).sum() > 0);
    }

    /** Nobody sends, everybody reads: what is queued has to arrive without another message that pushes it. */
    private void rest() throws Exception {
        population.gate.shut();
        peers.calmDown();
        Await.until("all who make the load rest", () -> {
            tally.requireHealthy();
            return population.gate.waiting() == running.size();
        });
        try {
            Await.until("everything was written in a lull", () -> withSomethingQueued()
                    .isEmpty());
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ": " + withSomethingQueued(), e);
        }
        peers.stirUp();
        population.gate.open();
    }

    /** All senders stop, and all peers read: what is queued has to arrive. */
    private void endInOrder() throws Exception {
        tally.stop();
        peers.calmDown();
        running.forEach(Threads::join);
        population.groups.all.flush();
        tally.requireHealthy();
        closeHosts();
        Await.until("every stream ended", () -> population.living().isEmpty());
        tally.requireHealthy();
    }

    private List<SoakSession> withSomethingQueued() {
        tally.requireHealthy();
        return population.living().stream()
                .filter(SoakSession::hasSomethingQueued)
                .toList();
    }

    private void closeHosts() throws IOException {
        while (!open.isEmpty()) {
            SoakHost host = open.remove();
            double start = tally.seconds();
            host.close();
            assertTrue(tally.seconds() - start < SoakHost.CLOSE_TIMEOUT.toSeconds() + 10, host.name() + " closed late");
        }
    }

    private void requireNothingIsLeft(Set<Thread> before) throws Exception {
        print("ends: " + tally + "; causes " + tally.causes() + ", " + tally.released.unwritten() + " unwritten");
        for (SoakHost host : hosts) {
            host.deleteFiles();
            assertEquals(0, host.sessionCount(), host.name() + hint());
            assertTrue(
                    host.hostSettings().errors.stream().allMatch(error -> error instanceof SoakFailure),
                    () -> host.name() + " reported " + host.hostSettings().errors + hint());
        }
        assertEquals(0, population.groups.all.size(), hint());
        assertEquals(tally.opened.sum(), tally.ended.sum(), hint());
        Await.until("every message was released", () -> tally.released.released() == tally.sent.sum());
        Await.until("the threads of the library ended", () -> before.containsAll(threadsOfTheLibrary()));
        tally.requireHealthy();
    }

    private static List<Thread> threadsOfTheLibrary() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("(async-sessions|blocking-sessions|send-loop|test).*"))
                .toList();
    }

    private void print(String line) {
        System.out.printf(Locale.ROOT, "soak %s%n", line);
    }

    private String hint() {
        return TestSeed.hint(seed);
    }
}
