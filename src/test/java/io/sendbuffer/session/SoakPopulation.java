package io.sendbuffer.session;

import io.sendbuffer.SendBufferPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Who is alive in a soak, and what all have in common. */
final class SoakPopulation {
    final SoakTally tally;
    final SendBufferPool pool;
    final SoakGroups groups = new SoakGroups();
    final SoakGate gate;

    // Guarded by this.
    private final List<SoakSession> living = new ArrayList<>();
    private final Map<SoakSession, Integer> places = new HashMap<>();
    private final Map<SoakHost, Integer> counts = new HashMap<>();

    SoakPopulation(SoakTally tally, SendBufferPool pool) {
        this.tally = tally;
        this.pool = pool;
        this.gate = new SoakGate(tally);
    }

    synchronized void add(SoakSession session) {
        tally.opened.increment();
        places.put(session, living.size());
        living.add(session);
        counts.merge(session.host, 1, Integer::sum);
    }

    synchronized void remove(SoakSession session) {
        Integer place = places.remove(session);
        if (place == null) {
            tally.fail(new AssertionError(session + " ended twice"));
            return;
        }
        SoakSession last = living.remove(living.size() - 1);
        if (last != session) {
            living.set(place, last);
            places.put(last, place);
        }
        counts.merge(session.host, -1, Integer::sum);
    }

    /** Somebody; null if there is nobody. */
    synchronized @Nullable SoakSession any(SplittableRandom random) {
        return living.isEmpty() ? null : living.get(random.nextInt(living.size()));
    }

    synchronized int countOf(SoakHost host) {
        return counts.getOrDefault(host, 0);
    }

    synchronized List<SoakSession> living() {
        return List.copyOf(living);
    }

    synchronized int kindsAlive() {
        return (int) counts.values().stream().filter(count -> count > 0).count();
    }
}
