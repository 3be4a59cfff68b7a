/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;

/** The place of one kind of host: when a host is closed, or has died, another one takes its place. */
final class SoakSlot {
    /** Makes a host. */
    @FunctionalInterface
    interface Maker {
        SoakHost make() throws IOException;
    }

    private final Maker maker;
    private volatile SoakHost host;

    /** Owned by the thread that renews hosts. */
    private final Queue<SoakHost> retired = new ArrayDeque<>();

    SoakSlot(Maker maker) throws IOException {
        this.maker = maker;
        this.host = maker.make();
    }

    SoakHost host() {
        return host;
    }

    /** Replaces a host that is closed, and buries hosts whose sessions are over. */
    void renew(SoakPopulation population) throws IOException {
        SoakHost current = host;
        if (current.isClosing() && population.tally.isRunning()) {
            host = maker.make();
            retired.add(current);
            population.tally.renewed.increment();
        }
        SoakHost first = retired.peek();
        if (first != null && population.countOf(first) == 0 && first.sessionCount() == 0) {
            retired.remove();
            bury(first);
        }
    }

    /** Closes all hosts that there were, in turn. */
    void closeAll() throws IOException {
        SoakHost current = host;
        current.close();
        for (SoakHost each : retired) {
            each.close();
        }
    }

    void requireNothingIsLeft(SoakTally tally) throws IOException {
        for (SoakHost each : retired) {
            requireEmpty(each, tally);
        }
        requireEmpty(host, tally);
    }

    private static void requireEmpty(SoakHost host, SoakTally tally) throws IOException {
        bury(host);
        tally.require(host.sessionCount() == 0, host + " has sessions at the end");
    }

    /** The host was closed before, from within or by the soak. */
    private static void bury(SoakHost host) throws IOException {
        host.close();
        host.requireEnded();
        host.deleteFiles();
    }
}
