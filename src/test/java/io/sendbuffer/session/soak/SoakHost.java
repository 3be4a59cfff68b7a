/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.QueueLimits;
import io.sendbuffer.session.HostSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The host of the sessions of one kind in a soak. */
abstract class SoakHost implements AutoCloseable {
    static final Duration WRITE_TIMEOUT = Duration.ofSeconds(2);

    /** Longer than any peer stalls, so that a graceful close has the time that it needs. */
    static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    /** So low that a slow session refuses messages, and that a backlog takes several writes. */
    private static final QueueLimits QUEUE_LIMITS = new QueueLimits(40 << 10, 48, 8 << 10, 6);

    final SoakPopulation population;
    final SoakTally tally;
    final SoakFaults faults;
    final SoakPeers peers;
    final HostSettings settings;
    private final String name;
    private volatile boolean closing;
    private volatile boolean askedToClose;
    private volatile boolean interrupted;

    SoakHost(String name, SoakPopulation population, SoakPeers peers) {
        this.name = name;
        this.population = population;
        this.tally = population.tally;
        this.faults = population.faults;
        this.peers = peers;
        this.settings = new HostSettings()
                .queueLimits(QUEUE_LIMITS)
                .writeTimeout(WRITE_TIMEOUT)
                .closeTimeout(CLOSE_TIMEOUT)
                .errorHandler(SoakErrors.ofHost(this, tally, faults));
    }

    final String name() {
        return name;
    }

    /** True if a sender waits for the peer. */
    abstract boolean waits();

    /** True if its sessions subscribe to logs. */
    boolean canSubscribe() {
        return false;
    }

    /** Opens a session in one of the possible ways, and makes sure that its stream is read. */
    abstract void open(SoakSession listener, SplittableRandom random) throws Exception;

    abstract int sessionCount();

    /** Closes the sessions. */
    abstract void closeSessions();

    /** Called when every stream has ended. */
    abstract void deleteFiles() throws IOException;

    /** Kills a part of the host, at times. */
    void kill(SplittableRandom random) {}

    /** True for an error that killed a part of the host. */
    boolean killed(@Nullable Throwable why) {
        return false;
    }

    /** True if a part of the host was killed recently, and may not have written since. */
    boolean wasFailing() {
        return false;
    }

    /** Called after the close: checks what only this host knows. */
    void requireEnded() {}

    /** True as soon as it is being closed: another host then takes its place. */
    final boolean isClosing() {
        return closing;
    }

    /** From now on, its sessions need not accept what they are offered. Sessions that come later check this flag. */
    final void beginToClose() {
        closing = true;
        population.living().stream().filter(session -> session.host == this).forEach(SoakSession::expectClose);
    }

    /** May also be called within a callback. */
    final void closeAll() {
        beginToClose();
        askedToClose = true;
        closeSessions();
    }

    /** True if it was closed, and not only because all its parts have died. */
    final boolean wasAskedToClose() {
        return askedToClose;
    }

    /** Leaves the thread of a callback interrupted, which cuts short the time that a close may take. */
    final void beInterrupted() {
        interrupted = true;
        Thread.currentThread().interrupt();
    }

    final boolean isCutShort() {
        return interrupted && closing;
    }

    @Override
    public void close() throws IOException {
        closeSessions();
    }

    @Override
    public final String toString() {
        return name;
    }
}
