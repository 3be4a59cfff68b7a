/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelectionKey;
import java.nio.channels.spi.AbstractSelector;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A selector without file descriptors: the test sets the operations for which its channels are ready. It really sleeps,
 * until it is woken; but so that a lost wake-up is detected and does not hang the test, it also returns when the test
 * says that no thread is left that could wake it, and records that it overslept.
 *
 * <p>The actors' shared fields are opaque or plain, so that they create no happens-before between the actors before
 * they race.
 */
final class SpinningSelector extends AbstractSelector {
    private static final VarHandle WOKEN;
    private static final VarHandle NO_THREAD_LEFT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WOKEN = lookup.findVarHandle(SpinningSelector.class, "woken", boolean.class);
            NO_THREAD_LEFT = lookup.findVarHandle(SpinningSelector.class, "noThreadLeft", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A select failure that kills a loop. One instance for all, without a stack trace. */
    static final ClosedSelectorException DEATH = new ClosedSelectorException() {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    };

    private final Set<SelectionKey> keys = new HashSet<>(4);
    private int readyOps;
    private boolean overslept;
    private boolean dying;

    @SuppressWarnings("unused")
    private boolean woken;

    @SuppressWarnings("unused")
    private boolean noThreadLeft = true;

    SpinningSelector() {
        super(null);
    }

    // ---- for the test

    /** Every channel is ready for these operations, as far as its key is interested, from now on. */
    void makeReady(int ops) {
        readyOps = ops;
    }

    /** The next select, and each one after it, fails in a way that kills its loop. */
    void dieWithNextSelect() {
        dying = true;
    }

    /** From now on a thread may wake it. */
    void expectWakeUp() {
        noThreadLeft = false;
        overslept = false;
    }

    /** The thread that might have woken it has finished. */
    void noThreadIsLeft() {
        NO_THREAD_LEFT.setRelease(this, true);
    }

    /** Whether it was still asleep when everything was done. For the arbiter. */
    boolean overslept() {
        return overslept;
    }

    // ---- for the loop

    @Override
    public int select(Consumer<SelectionKey> action, long timeout) {
        while (!(boolean) WOKEN.getOpaque(this)) {
            if ((boolean) NO_THREAD_LEFT.getAcquire(this)) {
                overslept = !(boolean) WOKEN.getOpaque(this);
                break;
            }
            Thread.onSpinWait();
        }
        return selectNow(action);
    }

    @Override
    public int selectNow(Consumer<SelectionKey> action) {
        requireOpen();
        if (dying) {
            throw DEATH;
        }
        WOKEN.setOpaque(this, false);
        int count = 0;
        for (SelectionKey key : keys) {
            if (key.isValid() && ((StubKey) key).isReady()) {
                action.accept(key);
                count++;
            }
        }
        return count;
    }

    @Override
    public Selector wakeup() {
        WOKEN.setOpaque(this, true);
        return this;
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
        requireOpen();
        StubKey key = new StubKey(this, channel, ops);
        key.attach(attachment);
        keys.add(key);
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
    }

    // ---- what loops do not use

    @Override
    public Set<SelectionKey> selectedKeys() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int selectNow() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select(long timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select() {
        throw new UnsupportedOperationException();
    }

    /** Throws once it is canceled, as a real one does: another thread may end its session at any time. */
    private static final class StubKey extends AbstractSelectionKey {
        private final SpinningSelector selector;
        private final SelectableChannel channel;
        private int interestOps;

        StubKey(SpinningSelector selector, SelectableChannel channel, int interestOps) {
            this.selector = selector;
            this.channel = channel;
            this.interestOps = interestOps;
        }

        boolean isReady() {
            return (interestOps & selector.readyOps) != 0;
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
            requireValid();
            interestOps = ops;
            return this;
        }

        @Override
        public int readyOps() {
            requireValid();
            return interestOps & selector.readyOps;
        }

        private void requireValid() {
            if (!isValid()) {
                throw new CancelledKeyException();
            }
        }
    }
}
