/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.PoolExhaustedException;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The living sessions of a soak, and what they all share. */
final class SoakPopulation {
    final SoakTally tally;
    final SendBufferPool pool;
    final SoakFaults faults;
    final SoakReleases releases;
    final SoakAccounts accounts = new SoakAccounts();
    final SoakGroups groups = new SoakGroups();
    final SoakFarewells farewells;
    final SoakLogs logs;
    final SoakGate gate;

    // Guarded by this.
    private final List<SoakSession> living = new ArrayList<>();
    private final Map<SoakSession, Integer> places = new HashMap<>();
    private final Map<SoakHost, Integer> counts = new HashMap<>();

    SoakPopulation(SoakTally tally, SoakFaults faults, SendBufferPool pool, SplittableRandom random) {
        this.tally = tally;
        this.faults = faults;
        this.pool = pool;
        this.releases = new SoakReleases(tally.released, faults);
        this.farewells = new SoakFarewells(this, random.nextLong());
        this.logs = new SoakLogs(this, random);
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
        counts.computeIfPresent(session.host, (host, count) -> count == 1 ? null : count - 1);
    }

    /** Returns any living session; null if there is none. */
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
        return counts.size();
    }

    /**
     * Returns what the pool is asked for; null if it has no room, for which one of the two ways to ask throws. That is
     * rare, so until it has happened, every caller asks in that way.
     */
    @Nullable
    SendBuffer ask(boolean mayThrow, Supplier<SendBuffer> throwing, Supplier<@Nullable SendBuffer> trying) {
        SendBuffer buffer = null;
        if (mayThrow || faults.count(SoakFault.ACQUIRE_THROWS) == 0) {
            try {
                buffer = throwing.get();
            } catch (PoolExhaustedException e) {
                faults.came(SoakFault.ACQUIRE_THROWS);
            }
        } else {
            buffer = trying.get();
        }
        if (buffer == null) {
            tally.poolFull.increment();
        }
        return buffer;
    }
}
