/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts its callbacks, and checks their order: opened first, closed last and once. */
public class RecordingListener implements SessionListener {
    public final AtomicInteger opened = new AtomicInteger();
    public final AtomicInteger receivedBytes = new AtomicInteger();
    public final AtomicInteger inputEnded = new AtomicInteger();
    public final AtomicInteger closed = new AtomicInteger();

    /** What {@link #onWritable} said, in order, and in {@link #DRAINED} that all was written. */
    public final List<String> pressure = new CopyOnWriteArrayList<>();

    /** In {@link #pressure}. */
    public static final String DRAINED = "drained";

    /** The violation of the callback order, for {@link #requireOrder}. */
    private volatile @Nullable String disorder;

    public volatile @Nullable Throwable cause;
    public volatile @Nullable Thread closedBy;

    /** What {@link #onInputEnded} returns. */
    public volatile boolean keepsOutput;

    @Override
    public void onOpened(Session session) {
        if (opened.incrementAndGet() > 1) {
            disorder = "onOpened was called twice";
        }
        requireNotClosed("onOpened");
    }

    @Override
    public void onReceived(Session session, ByteBuffer bytes) {
        requireNotClosed("onReceived");
        receivedBytes.addAndGet(bytes.remaining());
    }

    @Override
    public boolean onInputEnded(Session session) {
        requireNotClosed("onInputEnded");
        inputEnded.incrementAndGet();
        return keepsOutput;
    }

    @Override
    public void onWritable(Session session, boolean writable) {
        requireOpened("onWritable");
        boolean before = pressure.stream().filter(each -> !each.equals(DRAINED)).count() % 2 == 0;
        if (before == writable) {
            disorder = "onWritable(" + writable + ") was called twice, or first";
        }
        pressure.add(String.valueOf(writable));
    }

    @Override
    public void onDrained(Session session) {
        requireOpened("onDrained");
        if (!String.valueOf(true).equals(lastPressure())) {
            disorder = "onDrained did not follow onWritable(true)";
        }
        pressure.add(DRAINED);
    }

    public String lastPressure() {
        return pressure.isEmpty() ? "" : pressure.get(pressure.size() - 1);
    }

    private void requireOpened(String callback) {
        if (opened.get() == 0) {
            disorder = callback + " was called before onOpened";
        }
        requireNotClosed(callback);
    }

    @Override
    public void onClosed(Session session, @Nullable Throwable cause) {
        this.cause = cause;
        this.closedBy = Thread.currentThread();
        if (closed.incrementAndGet() > 1) {
            disorder = "onClosed was called twice";
        }
    }

    public boolean isClosed() {
        return closed.get() > 0;
    }

    public void requireOrder() {
        String what = disorder;
        if (what != null) {
            throw new AssertionError(what);
        }
    }

    private void requireNotClosed(String callback) {
        if (closed.get() > 0) {
            disorder = callback + " was called after onClosed";
        }
    }
}
