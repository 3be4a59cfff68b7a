/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.Conflation;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.agrona.ErrorHandler;
import org.jspecify.annotations.Nullable;

/** The settings of the sessions of a contract test: the usual ones, unless the test sets others. */
public final class HostSettings {
    /** The errors that the error handler got. */
    public final List<Throwable> errors = new CopyOnWriteArrayList<>();

    /** Runs within the error handler. */
    public volatile Consumer<Throwable> onError = error -> {};

    /** How often the end of a loop was notified, and with which cause. */
    final AtomicInteger ended = new AtomicInteger();

    volatile @Nullable Throwable endCause;

    /** Threads that were made for the sessions, as far as the test can record them. */
    final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

    /** The streams of the sockets that were opened to be connected, likewise. */
    final Queue<StubStream> sockets = new ConcurrentLinkedQueue<>();

    /** Selectors that were opened, likewise. */
    final Queue<Selector> selectors = new ConcurrentLinkedQueue<>();

    /** The streams of the sockets that are opened next; new streams when it is empty. */
    final Queue<StubStream> toConnect = new ConcurrentLinkedQueue<>();

    QueueLimits queueLimits = QueueLimits.DEFAULT;
    OverrunPolicy overrunPolicy = OverrunPolicy.hold();
    Conflation conflation = Conflation.inPlace();
    Duration closeTimeout = Duration.ofSeconds(10);
    Duration writeTimeout = Duration.ofSeconds(30);

    Duration connectTimeout = Duration.ofSeconds(10);
    Duration readTimeout = Duration.ZERO;
    Duration idleTimeout = Duration.ZERO;
    Duration minFlushInterval = Duration.ZERO;
    boolean pausesWhileUnwritable;
    Duration maxSelectTime = Duration.ofMillis(20);

    /** The handler to which errors are reported. */
    ErrorHandler errorHandler = this::note;

    /** The size of the kernel's send buffer of each socket; negative for the library's default. */
    int sendBufferSize = -1;

    private void note(Throwable error) {
        errors.add(error);
        onError.accept(error);
    }

    public HostSettings queueLimits(QueueLimits limits) {
        queueLimits = limits;
        return this;
    }

    public HostSettings overrunPolicy(OverrunPolicy policy) {
        overrunPolicy = policy;
        return this;
    }

    public HostSettings conflation(Conflation what) {
        conflation = what;
        return this;
    }

    public HostSettings closeTimeout(Duration time) {
        closeTimeout = time;
        return this;
    }

    public HostSettings writeTimeout(Duration time) {
        writeTimeout = time;
        return this;
    }

    public HostSettings connectTimeout(Duration time) {
        connectTimeout = time;
        return this;
    }

    public HostSettings readTimeout(Duration time) {
        readTimeout = time;
        return this;
    }

    public HostSettings idleTimeout(Duration time) {
        idleTimeout = time;
        return this;
    }

    /** Has sessions not read while they are not writable. */
    public HostSettings pausesWhileUnwritable() {
        pausesWhileUnwritable = true;
        return this;
    }

    public HostSettings minFlushInterval(Duration time) {
        minFlushInterval = time;
        return this;
    }

    /** Replaces the handler that records errors. */
    public HostSettings errorHandler(ErrorHandler handler) {
        errorHandler = handler;
        return this;
    }

    public HostSettings sendBufferSize(int bytes) {
        sendBufferSize = bytes;
        return this;
    }

    /** Sets the longest select of the loops. */
    public HostSettings maxSelectTime(Duration time) {
        maxSelectTime = time;
        return this;
    }

    public <B extends SessionBuilder<B>> B applyTo(B builder) {
        if (sendBufferSize >= 0) {
            builder.sendBufferSize(sendBufferSize);
        }
        return builder.queueLimits(queueLimits)
                .overrunPolicy(overrunPolicy)
                .conflation(conflation)
                .closeTimeout(closeTimeout)
                .writeTimeout(writeTimeout)
                .connectTimeout(connectTimeout)
                .readTimeout(readTimeout)
                .idleTimeout(idleTimeout)
                .minFlushInterval(minFlushInterval)
                .pauseReadingWhileUnwritable(pausesWhileUnwritable)
                .errorHandler(errorHandler);
    }
}
