/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelectionKey;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** A selector without descriptors, over {@link SocketStub} and {@link ServerStub}, that fails when the test decides. */
final class StubSelector extends SelectorDouble {
    /** A stub channel that a selector can wait for. */
    interface Selectable {
        /** What it is ready for. */
        int readyOps();

        /** Called after each change. */
        void onChange(Runnable action);
    }

    private final Set<SelectionKey> keys = ConcurrentHashMap.newKeySet();

    /** The keys that may be ready: all others were not, and did not change since. A select looks at no others. */
    private final Set<StubKey> candidates = ConcurrentHashMap.newKeySet();

    private final Object changes = new Object();
    private final Faults faults;
    private boolean woken;
    private long change;

    StubSelector(Faults faults) {
        super(null);
        this.faults = faults;
    }

    @Override
    public int select(Consumer<SelectionKey> action, long timeoutMillis) {
        requireOpen();
        faults.hit(Faults.Edge.SELECT);
        removeCanceled();
        awaitReady(timeoutMillis == 0 ? Long.MAX_VALUE : timeoutMillis);
        return callReady(action);
    }

    @Override
    public int selectNow(Consumer<SelectionKey> action) {
        requireOpen();
        faults.hit(Faults.Edge.SELECT);
        removeCanceled();
        awaitReady(0);
        return callReady(action);
    }

    private void removeCanceled() {
        Set<SelectionKey> canceled = cancelledKeys();
        synchronized (canceled) {
            for (SelectionKey key : canceled) {
                keys.remove(key);
                candidates.remove(key);
                deregister((AbstractSelectionKey) key);
            }
            canceled.clear();
        }
    }

    private void awaitReady(long timeoutMillis) {
        long start = System.nanoTime();
        synchronized (changes) {
            long left = timeoutMillis;
            long seen = -1;
            while (!woken && left > 0) {
                if (seen != change) {
                    seen = change;
                    if (isAnyReady()) {
                        break;
                    }
                }
                try {
                    changes.wait(Math.min(left, 1_000));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt(); // it ends the select, as with a real selector
                    break;
                }
                left = timeoutMillis - (System.nanoTime() - start) / 1_000_000;
            }
            woken = false;
        }
    }

    private boolean isAnyReady() {
        for (StubKey key : candidates) {
            if (isReady(key)) {
                return true;
            }
        }
        return false;
    }

    /** If it is not ready, it is no candidate until it changes: perhaps just now. */
    private boolean isReady(StubKey key) {
        if (key.ready() != 0) {
            return true;
        }
        candidates.remove(key);
        if (key.ready() == 0) {
            return false;
        }
        candidates.add(key);
        return true;
    }

    private int callReady(Consumer<SelectionKey> action) {
        int count = 0;
        for (StubKey key : candidates) {
            if (isReady(key)) {
                action.accept(key);
                count++;
            }
        }
        return count;
    }

    @Override
    public Selector wakeup() {
        synchronized (changes) {
            woken = true;
            changes.notifyAll();
        }
        faults.hit(Faults.Edge.WAKEUP);
        return this;
    }

    private void changed(StubKey key) {
        candidates.add(key);
        synchronized (changes) {
            change++;
            changes.notifyAll();
        }
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
        requireOpen();
        faults.hit(Faults.Edge.REGISTER);
        StubKey key = new StubKey(this, channel, ops);
        key.attach(attachment);
        keys.add(key);
        candidates.add(key);
        ((Selectable) channel).onChange(() -> changed(key));
        return key;
    }

    @Override
    public Set<SelectionKey> keys() {
        requireOpen();
        return keys;
    }

    private void requireOpen() {
        if (!isOpen()) {
            throw new ClosedSelectorException();
        }
    }

    @Override
    protected void implCloseSelector() {
        for (SelectionKey key : keys) {
            key.cancel();
            deregister((AbstractSelectionKey) key);
        }
        keys.clear();
        candidates.clear();
        wakeup();
        faults.hit(Faults.Edge.SELECTOR_CLOSE);
    }

    private static final class StubKey extends AbstractSelectionKey {
        private final StubSelector selector;
        private final SelectableChannel channel;
        private volatile int interestOps;

        StubKey(StubSelector selector, SelectableChannel channel, int interestOps) {
            this.selector = selector;
            this.channel = channel;
            this.interestOps = interestOps;
        }

        int ready() {
            return isValid() ? interestOps & ((Selectable) channel).readyOps() : 0;
        }

        @Override
        public SelectableChannel channel() {
            return channel;
        }

        @Override
        public Selector selector() {
            return selector;
        }

        @Override
        public int interestOps() {
            requireValid();
            return interestOps;
        }

        @Override
        public SelectionKey interestOps(int ops) {
            selector.faults.hit(Faults.Edge.INTEREST);
            requireValid();
            interestOps = ops;
            selector.changed(this);
            return this;
        }

        @Override
        public int readyOps() {
            requireValid();
            return interestOps & ((Selectable) channel).readyOps();
        }

        private void requireValid() {
            if (!isValid()) {
                throw new CancelledKeyException();
            }
        }
    }
}
