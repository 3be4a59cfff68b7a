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
        synchronized (this) { // so that the loop does not find the reader unused meanwhile
            LogReader reader = readerOf(log);
            return reader == null ? null : reader.subscribe(receiver, policy);
        }
    }

    @Nullable
    Subscription subscribeFrom(long position, BroadcastLog log, LogReceiver receiver, OverrunPolicy policy) {
        synchronized (this) {
            LogReader reader = readerOf(log);
            return reader == null ? null : reader.subscribeFrom(position, receiver, policy);
        }
    }

    @Nullable
    Subscription subscribe(SnapshotSource source, BroadcastLog log, LogReceiver receiver, OverrunPolicy policy) {
        while (true) {
            LogReader reader;
            synchronized (this) {
                reader = readerOf(log);
            }
            if (reader == null) {
                return null;
            }
            Subscription place = reader.subscribe(receiver, policy, source); // calls the user's code: under no lock
            if (place != null || !reader.isClosed()) {
                return place;
            }
        }
    }

    /** Null if the loop serves no readers any more. */
    private @Nullable LogReader readerOf(BroadcastLog log) {
        if (closed) {
            return null;
        }
        LogReader known = readersByLog.get(log);
        if (known != null) {
            return known;
        }
        LogReader reader = log.newReader(loop::wakeUpIfAsleep);
        LogReader[] more = Arrays.copyOf(readers, readers.length + 1);
        more[readers.length] = reader;
        readersByLog.put(log, reader);
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

    private synchronized void remove(LogReader reader) {
        if (reader.closeIfUnused()) {
            readersByLog.remove(reader.log());
            readers = readersByLog.values().toArray(LogReader[]::new);
        }
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
