/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.session.Faults;
import io.sendbuffer.session.SelectorDouble;
import io.sendbuffer.session.SessionInternals;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A wrapper around a real selector that throws: at times, or always from some point on. The keys are those of the real
 * one.
 */
final class SoakSelector extends SelectorDouble {
    private final Selector real = Selector.open();
    private final SoakFaults faults;
    private volatile @Nullable Throwable death;

    SoakSelector(SoakFaults faults) throws IOException {
        super(SelectorProvider.provider());
        this.faults = faults;
    }

    /** From now on, each select throws this. */
    void die(Throwable cause) {
        death = cause;
        real.wakeup();
    }

    /** What every select throws; null if the selector works. */
    @Nullable
    Throwable death() {
        return death;
    }

    @Override
    public int select(Consumer<SelectionKey> action, long timeoutMillis) throws IOException {
        throwIfDue();
        return real.select(action, timeoutMillis);
    }

    @Override
    public int selectNow(Consumer<SelectionKey> action) throws IOException {
        throwIfDue();
        return real.selectNow(action);
    }

    private void throwIfDue() {
        Throwable cause = death;
        if (cause != null) {
            throw Faults.<RuntimeException>sneaky(cause);
        }
        faults.hit(SoakFault.SELECT_THROWS);
    }

    @Override
    public Selector wakeup() {
        real.wakeup();
        faults.hit(SoakFault.WAKEUP_THROWS);
        return this;
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
        if (SessionInternals.listenerOf(attachment) instanceof SoakSession session
                && faults.now(SoakFault.REGISTER_THROWS)) {
            throw Faults.<RuntimeException>sneaky(session.explain(faults.make(SoakFault.REGISTER_THROWS)));
        }
        try {
            return channel.register(real, ops, attachment);
        } catch (ClosedChannelException e) {
            throw Faults.<RuntimeException>sneaky(e);
        }
    }

    @Override
    protected void implCloseSelector() throws IOException {
        real.close();
        faults.hit(SoakFault.SELECTOR_CLOSE_THROWS);
    }

    @Override
    public Set<SelectionKey> keys() {
        return real.keys();
    }
}
