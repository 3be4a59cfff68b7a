/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.session.Faults;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Daemon threads, and at times none: as in a system that is out of threads, or with a faulty factory. */
final class SoakThreads implements ThreadFactory {
    private final SoakFaults faults;
    private final AtomicInteger number = new AtomicInteger();

    /** True once faults may occur. */
    private volatile boolean failing;

    SoakThreads(SoakFaults faults) {
        this.faults = faults;
    }

    void beginToFail() {
        failing = true;
    }

    @Override
    public @Nullable Thread newThread(Runnable task) {
        if (failing) {
            faults.hit(SoakFault.THREAD_FACTORY_THROWS);
            if (faults.now(SoakFault.THREAD_FACTORY_RETURNS_NULL)) {
                return null;
            }
        }
        boolean starts = !failing || !faults.now(SoakFault.THREAD_START_THROWS);
        Thread thread = new Thread(task, "blocking-sessions-soak-" + number.incrementAndGet()) {
            @Override
            public synchronized void start() {
                if (!starts) {
                    throw Faults.<RuntimeException>sneaky(faults.make(SoakFault.THREAD_START_THROWS));
                }
                super.start();
            }
        };
        thread.setDaemon(true);
        return thread;
    }
}
