/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.Conflation;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.internal.Checks;
import io.sendbuffer.internal.ErrorHandlers;
import java.time.Duration;
import java.util.Objects;
import org.agrona.ErrorHandler;
import org.jspecify.annotations.Nullable;

/**
 * The settings that every kind of session has, each checked when it is set. Not safe for use by several threads.
 *
 * @param <B> the builder itself
 */
public abstract class SessionBuilder<B extends SessionBuilder<B>> {
    private static final Duration MAX_TIMEOUT = Duration.ofDays(1);

    private QueueLimits queueLimits = QueueLimits.DEFAULT;
    private OverrunPolicy overrunPolicy = OverrunPolicy.hold();
    private Conflation conflation = Conflation.inPlace();
    private Duration closeTimeout = Duration.ofSeconds(3);
    private Duration writeTimeout = Duration.ofSeconds(30);
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration readTimeout = Duration.ZERO;
    private Duration idleTimeout = Duration.ZERO;
    private Duration minFlushInterval = Duration.ZERO;
    private boolean pausesWhileUnwritable;
    private long writeQuantum = 1 << 20;
    private int receiveBufferSize;
    private int sendBufferSize;
    private Resources resources = Resources.SYSTEM;

    @Nullable
    Delivery delivery;

    private ErrorHandler errorHandler = ErrorHandlers.STANDARD_ERROR;

    SessionBuilder(int receiveBufferSize, int sendBufferSize) {
        this.receiveBufferSize = receiveBufferSize;
        this.sendBufferSize = sendBufferSize;
    }

    /** The builder of a kind. */
    abstract B self();

    /** The limits of each session's queue. Default: {@link QueueLimits#DEFAULT}. */
    public B queueLimits(QueueLimits limits) {
        this.queueLimits = Objects.requireNonNull(limits, "queueLimits");
        return self();
    }

    /**
     * What happens when a session passes a limit of its queue. Default: {@link OverrunPolicy#hold()}, which refuses the
     * message. As in {@code queueLimits(QueueLimits.ofBytes(32 << 20).withSoftLimit(8 << 20,
     * Duration.ofSeconds(60))).overrunPolicy(OverrunPolicy.end())}: a client ends that would hold more than 32 MiB, or
     * has held more than 8 MiB for a minute. Soft limits are held within 10 ms, and so is an age on a loop; an age
     * without a loop is held within 100 ms.
     */
    public B overrunPolicy(OverrunPolicy policy) {
        this.overrunPolicy = Objects.requireNonNull(policy, "overrunPolicy");
        return self();
    }

    /**
     * What a session that is behind does with a message whose key an older one has that waits, see
     * {@link io.sendbuffer.SendBuffer#conflate}. Default: {@link Conflation#inPlace()}.
     */
    public B conflation(Conflation what) {
        this.conflation = Objects.requireNonNull(what, "conflation");
        return self();
    }

    /**
     * How long {@link Session#close()} may take to write what is queued, 0 to 1 day; and how long the close of the
     * loop, or of the set of sessions, waits for that. Default: 3 seconds.
     */
    public B closeTimeout(Duration time) {
        this.closeTimeout = requireTimeout("closeTimeout", time);
        return self();
    }

    /**
     * How long a peer may take next to nothing of what is queued for it, up to 1 day; the session ends then, with a
     * {@link java.net.SocketTimeoutException}. Progress is measured in bytes that the socket took: 4 KiB in each such
     * time keep a session alive, while a peer that takes a byte now and one later does not live on. The system reports
     * what a slow peer reads in steps, of a third of {@link #sendBufferSize} or of the peer's own buffer; so a peer
     * that was seen to read while the write waited has twice the time for its next step. With asynchronous and blocking
     * channels, which report a write when it is over, a step is at least 64 KiB. Held within 10 ms or 5%, whichever is
     * more. Zero: forever. Default: 30 seconds.
     */
    public B writeTimeout(Duration time) {
        this.writeTimeout = requireTimeout("writeTimeout", time);
        return self();
    }

    /**
     * How long a connect may take, with the handshake of a {@link SocketLayer}, up to 1 day; for an accepted connection
     * the handshake alone. Zero: as long as the system tries, and a handshake forever. Default: 10 seconds.
     */
    public B connectTimeout(Duration time) {
        this.connectTimeout = requireTimeout("connectTimeout", time);
        return self();
    }

    /**
     * How long a peer may send nothing, up to 1 day; the session ends then, with a {@link ReadTimeoutException}. The
     * time begins when {@link SessionListener#onOpened} has returned, and again with each byte that comes in. It does
     * not run while reading is {@linkplain Session#pauseReading() paused}, and begins anew when it is resumed; nor once
     * the peer has ended its output, or the session closes. Without effect where nothing is read. Held within 10 ms or
     * 5%, whichever is more. Zero: forever. Default: forever. See {@link Session#readTimeout(Duration)}.
     */
    public B readTimeout(Duration time) {
        this.readTimeout = requireTimeout("readTimeout", time);
        return self();
    }

    /**
     * How long nothing may come in or go out, up to 1 day; the session ends then, with an {@link IdleTimeoutException}.
     * The time begins when {@link SessionListener#onOpened} has returned, and again with each byte that comes in, or
     * that the channel takes, {@linkplain Session#heartbeat heartbeats} too; paused or not. It does not run once the
     * session closes. Held within 10 ms or 5%, whichever is more. Zero: forever. Default: forever. See
     * {@link Session#idleTimeout(Duration)}.
     */
    public B idleTimeout(Duration time) {
        this.idleTimeout = requireTimeout("idleTimeout", time);
        return self();
    }

    /**
     * A rate cap: how much time there is between the beginnings of two flushes of a session at least, up to 1 day. What
     * is queued meanwhile waits, all of it in its order, control messages too, and {@linkplain #conflation conflation}
     * leaves the newest of each key. The first message after a pause goes out at once. Limits count what waits, and so
     * does an age. Nothing is capped once a session closes. Zero: none. Default: none. See
     * {@link Session#minFlushInterval(Duration)}.
     *
     * <p>With blocking sessions whose senders write ({@link WriteMode#INLINE}), a deferred flush starts a thread:
     * prefer a writer thread there.
     */
    public B minFlushInterval(Duration time) {
        this.minFlushInterval = requireTimeout("minFlushInterval", time);
        return self();
    }

    /**
     * Whether a session is not read from while it is not {@linkplain Session#isWritable() writable}: from when its
     * queue holds more than its high watermark, or has refused a message for its limits, until it has fallen to its low
     * one. So a peer that asks for more than it reads waits, and not the memory of this server. As with
     * {@link Session#pauseReading()}, which counts beside it, one more {@code onReceived} may come. For servers that
     * answer: where clients send for others, one that is slow to read would not be heard. Default: false.
     */
    public B pauseReadingWhileUnwritable(boolean pauses) {
        this.pausesWhileUnwritable = pauses;
        return self();
    }

    /**
     * Fairness: how much is written for one session before others have their turn, 1 byte or more; passed by one write
     * at most. Of no effect with blocking channels, where a sender that writes continues while there is something
     * queued. Default: 1 MiB.
     */
    public B writeQuantum(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("writeQuantum must be 1 or more, was " + bytes);
        }
        this.writeQuantum = bytes;
        return self();
    }

    /**
     * Bytes of the buffer that is received into, 1 to 16 MiB: one for all sessions of a loop, one for each session of
     * another kind. Default: 64 KiB for a loop, 8 KiB for the others.
     */
    public B receiveBufferSize(int bytes) {
        Checks.inRange("receiveBufferSize", bytes, 1, 16 << 20);
        this.receiveBufferSize = bytes;
        return self();
    }

    /**
     * Bytes of a socket's send buffer ({@link java.net.StandardSocketOptions#SO_SNDBUF}), 0 to 1 GiB; 0 leaves it to
     * the system. What a peer does not read fills this buffer first, where no limit and no timeout of this library sees
     * it: left to the system it grows to 4 MiB a session on Linux, gigabytes for a thousand stalled peers. A larger one
     * serves single peers that are far away and read fast: it bounds what is in flight. Linux takes twice what is set,
     * for its own use, and at most {@code net.core.wmem_max}. Default: 128 KiB for loops, which see each byte that is
     * taken; 64 KiB for asynchronous and blocking channels, so that a slow peer's steps are seen within the write
     * timeout.
     */
    public B sendBufferSize(int bytes) {
        Checks.inRange("sendBufferSize", bytes, 0, 1 << 30);
        this.sendBufferSize = bytes;
        return self();
    }

    /**
     * Receives what has no listener: a failed accept, a callback's exception at the end of a session, an Error that a
     * loop survives. Called on the thread that met the error: a loop, a thread that accepts, reads or makes callbacks,
     * or the caller of a call that writes or ends a session, under the locks that this caller holds; never the thread
     * that keeps the time. No lock of this library is held, but for the callback lock of a session whose own callback
     * threw. It may call anything, and must not block: a loop would wait for it. What another error brings while it
     * runs is reported after it, on the same thread. What it throws itself goes to standard error and harms no session.
     * Default: a line on standard error.
     */
    public B errorHandler(ErrorHandler handler) {
        this.errorHandler = Objects.requireNonNull(handler, "errorHandler");
        return self();
    }

    /** For race tests, which make the callbacks themselves. */
    B delivery(Delivery given) {
        this.delivery = given;
        return self();
    }

    /** For tests, which refuse some. */
    B resources(Resources given) {
        this.resources = given;
        return self();
    }

    SessionSettings settings() {
        return new SessionSettings(
                queueLimits,
                overrunPolicy,
                conflation,
                closeTimeout,
                writeTimeout,
                connectTimeout,
                readTimeout,
                idleTimeout,
                minFlushInterval,
                pausesWhileUnwritable,
                writeQuantum,
                receiveBufferSize,
                sendBufferSize,
                errorHandler,
                resources);
    }

    static Duration requireTimeout(String name, Duration time) {
        if (time.isNegative() || time.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException(name + " must be between 0 and 1 day, was " + time);
        }
        return time;
    }
}
