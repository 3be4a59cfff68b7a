/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.LogReader;
import io.sendbuffer.LogReceiver;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.SnapshotSource;
import io.sendbuffer.Subscription;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The logs that sessions of one loop subscribe to, each with the reader by which the loop writes it. */
final class LoopLogs {
    private final SendLoop loop;

    // Guarded by the monitor.
    private final IdentityHashMap<BroadcastLog, LogReader> readersByLog = new IdentityHashMap<>();

    private boolean closed;

    /** Replaced under the monitor, never changed: the loop walks it without. */
    private volatile LogReader[] readers = {};

    LoopLogs(SendLoop loop) {
        this.loop = loop;
    }

    // ---- any thread

    @Nullable
    Subscription subscribe(BroadcastLog log, LogReceiver receiver, OverrunPolicy policy) {
        return join(log, reader -> reader.subscribe(receiver, policy));
    }

    @Nullable
    Subscription subscribeFrom(long position, BroadcastLog log, LogReceiver receiver, OverrunPolicy policy) {
        return join(log, reader -> reader.subscribeFrom(position, receiver, policy));
    }

    @Nullable
    Subscription subscribe(SnapshotSource source, BroadcastLog log, LogReceiver receiver, OverrunPolicy policy) {
        return join(log, reader -> reader.subscribe(receiver, policy, source));
    }

    /** Calls the user's code: under no lock. So the loop may find the reader unused meanwhile, and close it. */
    private @Nullable Subscription join(
            BroadcastLog log, Function<? super LogReader, ? extends @Nullable Subscription> how) {
        while (true) {
            LogReader reader = readerOf(log);
            if (reader == null) {
                return null;
            }
            Subscription place = how.apply(reader);
            if (place != null || !reader.isClosed()) {
                return place;
            }
        }
    }

    /** Null if the loop serves no readers any more. */
    private synchronized @Nullable LogReader readerOf(BroadcastLog log) {
        if (closed) {
            return null;
        }
        LogReader known = readersByLog.get(log);
        if (known != null && !known.isClosed()) {
            return known;
        }
        LogReader reader = log.newReader(loop::wakeUpIfAsleep);
        LogReader[] more = Arrays.copyOf(readers, readers.length + 1);
        more[readers.length] = reader;
        readersByLog.put(log, reader); // in the place of one that the loop has closed and is about to take out
        readers = more;
        return reader;
    }

    // ---- the loop's thread

    /** Sees to the sessions that are behind; returns how many. */
    int serve() {
        int count = 0;
        for (LogReader reader : readers) {
            if (reader.hasNews()) {
                count += reader.serve();
            }
        }
        return count;
    }

    boolean hasNews() {
        for (LogReader reader : readers) {
            if (reader.hasNews()) {
                return true;
            }
        }
        return false;
    }

    /** Before the loop may sleep. */
    void endTurns() {
        for (LogReader reader : readers) {
            reader.endTurn();
            if (reader.isEmpty()) {
                remove(reader);
            }
        }
    }

    private void remove(LogReader reader) {
        if (reader.closeIfUnused()) { // releases messages: under no lock
            takeOut(reader);
        }
    }

    private synchronized void takeOut(LogReader reader) {
        readersByLog.remove(reader.log(), reader); // another one may have taken its place
        readers = readersByLog.values().toArray(LogReader[]::new);
    }

    /** A step of the loop's end: its sessions get no more of any log. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        for (LogReader reader : readers) {
            reader.close();
        }
    }
}
