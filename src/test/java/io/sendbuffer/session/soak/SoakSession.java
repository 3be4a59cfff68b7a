/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.SlowConsumerException;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionInternals;
import io.sendbuffer.session.SessionListener;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One session of the soak: checks its callbacks while it is open, and both ends of its connection when it is over. */
final class SoakSession implements SessionListener {
    final SoakExpectation expectation;
    final SoakStream stream;
    final SoakEnd end = new SoakEnd();
    final SoakHost host;

    /** Null if it subscribes to no log. */
    final @Nullable SoakSubscriber subscriber;

    private final SoakTally tally;
    private final SoakPopulation population;
    private final SoakGroups groups;
    private final SoakCallbacks callbacks;
    private final AtomicBoolean withinCallback = new AtomicBoolean();
    private final AtomicInteger endsSeen = new AtomicInteger();

    /** The session has ended, or was never made. */
    private final AtomicBoolean over = new AtomicBoolean();

    /** What was thrown at this session: each may be the cause of its end. */
    private final Set<Throwable> thrown = ConcurrentHashMap.newKeySet();

    /** Set by the opener or by the first callback. */
    private volatile @Nullable Session session;

    private volatile boolean opened;
    private volatile boolean closed;
    private volatile boolean notMade;

    // What the verdict is based on.
    volatile boolean aborted;
    volatile boolean hasLittleTimeToClose;
    volatile boolean isInterrupted;
    volatile boolean wasFailing;
    volatile boolean laggedLately;
    volatile boolean wasSilentLately;
    volatile int unwrittenMessages;
    private volatile @Nullable Throwable cause;

    private volatile Runnable whenOver = () -> {};

    // Owned by the callbacks, which run one at a time.
    private long receivedFromPeer;
    private boolean threw;

    SoakSession(SoakPopulation population, SoakHost host, SplittableRandom random) {
        this.tally = population.tally;
        this.population = population;
        this.groups = population.groups;
        this.host = host;
        this.callbacks = new SoakCallbacks(this, population, random);
        AtomicLong[] returned = Arrays.copyOf(groups.returned, SoakGroups.REPLIES + 1);
        returned[SoakGroups.REPLIES] = callbacks.repliesReturned;
        this.expectation = new SoakExpectation(returned);
        boolean subscribes = host.canSubscribe() && random.nextBoolean();
        this.subscriber = subscribes ? new SoakSubscriber(this, population, random.split()) : null;
        this.stream = new SoakStream(tally, host.name(), expectation, SoakGroups.REPLIES + 1, subscriber);
    }

    // ---- any thread

    @Nullable
    Session session() {
        return session;
    }

    boolean hasSomethingQueued() {
        Session itself = session;
        return itself != null && !itself.isClosed() && (itself.queuedMessages() > 0 || isBehindItsLog());
    }

    private boolean isBehindItsLog() {
        return subscriber != null && subscriber.isBehind();
    }

    /** Sets the session, and adds it to the groups, so that it gets broadcasts. */
    void join(Session itself) {
        session = itself;
        groups.all.add(itself);
        if (!host.waits()) {
            groups.quick.add(itself);
        }
        if (subscriber != null) {
            subscriber.begin(itself);
        }
    }

    void whenOver(Runnable action) {
        whenOver = action;
    }

    /** Gets no more of its log. */
    void leaveLog() {
        if (subscriber != null) {
            subscriber.leave();
        }
    }

    void close(Session itself, Duration time) {
        expectClose();
        hasLittleTimeToClose = true;
        itself.close(time);
    }

    void close(Session itself) {
        expectClose();
        itself.close();
    }

    void abort(Session itself) {
        aborted = true;
        itself.abort();
    }

    /** Called when its host is about to be closed. */
    void expectClose() {
        expectation.beforeClose();
        if (subscriber != null) {
            subscriber.beforeClose();
        }
    }

    /** Remembers what is about to be thrown at this session. */
    Throwable explain(Throwable fault) {
        thrown.add(fault);
        return fault;
    }

    boolean isExplained(Throwable why) {
        return thrown.contains(why);
    }

    /** How often a fault was thrown at this session. */
    long timesThrown(SoakFault fault) {
        return thrown.stream()
                .filter(each -> each instanceof SoakThrown own && own.fault() == fault)
                .count();
    }

    /**
     * The session could not be made of its channel. It may still be notified of its end, if it was about to be made.
     */
    void notMade(@Nullable Throwable why) {
        if (why != null) {
            thrown.add(why);
        }
        notMade = true;
        tally.require(!opened, "opened, and refused");
        beOver();
    }

    // ---- callbacks

    @Override
    public void onOpened(Session itself) {
        within("onOpened", () -> {
            tally.require(!opened, "onOpened was called twice");
            tally.require(!notMade, "refused, and opened");
            opened = true;
            join(itself);
            work(() -> callbacks.misbehave(itself, SoakFault.ON_OPENED_THROWS));
        });
    }

    @Override
    public void onReceived(Session itself, ByteBuffer bytes) {
        within("onReceived", () -> {
            tally.require(opened, "onReceived was called before onOpened");
            while (bytes.hasRemaining()) {
                tally.require(bytes.get() == SoakPeer.byteAt(receivedFromPeer), "not the byte that the peer sent");
                receivedFromPeer++;
            }
            work(() -> {
                callbacks.reply(itself);
                callbacks.misbehave(itself, SoakFault.ON_RECEIVED_THROWS);
            });
        });
    }

    @Override
    public boolean onInputEnded(Session itself) {
        within("onInputEnded", () -> {
            tally.require(opened, "onInputEnded was called before onOpened");
            work(() -> callbacks.maybeThrow(SoakFault.ON_INPUT_ENDED_THROWS));
        });
        return callbacks.keepsOpenAfterInput();
    }

    @Override
    public void onClosed(Session itself, @Nullable Throwable why) {
        session = itself;
        cause = why;
        unwrittenMessages = itself.unwrittenMessages();
        wasFailing = host.wasFailing() || host.isCutShort();
        wasSilentLately = end.wasSilentLately();
        laggedLately = end.laggedLately() || groups.wereFlushedLate();
        within("onClosed", () -> {
            closed = true;
            tally.require(itself.isClosed(), "notified of the end before it");
            tally.require(itself.queuedMessages() == 0 && itself.queuedBytes() == 0, "something is queued at the end");
            tally.require(!SoakWires.isOpen(SessionInternals.channelOf(itself)), "the channel is open at the end");
            tally.require(!groups.all.remove(itself), "a member still at the end");
            tally.require(!groups.all.add(itself), "became a member after the end");
            itself.close();
            itself.abort();
            callbacks.sayFarewell();
        });
        population.accounts.ended(itself);
        beOver();
        population.faults.hit(SoakFault.ON_CLOSED_THROWS);
    }

    /** Called for both groups. */
    void refused() {
        within("onRefused", () -> callbacks.maybeThrow(SoakFault.ON_REFUSED_THROWS));
    }

    /** Called for both groups: only these notices report which sessions refused a broadcast. */
    void missed(long messages) {
        within("onRefusalsEnded", () -> {
            tally.refused.add(messages);
            population.accounts.refused(messages);
            expectation.missed(messages);
            callbacks.maybeThrow(SoakFault.ON_REFUSALS_ENDED_THROWS);
        });
    }

    /** True once onClosed was called, or the session could not be made. */
    boolean hasEnded() {
        return closed || notMade;
    }

    private void within(String callback, Runnable action) {
        tally.require(withinCallback.compareAndSet(false, true), callback + " was called within another callback");
        tally.require(!closed, callback + " was called after onClosed");
        try {
            action.run();
        } finally {
            withinCallback.set(false);
        }
    }

    /** If one of these callbacks throws, the session ends: none of them is called again. */
    private void work(Runnable action) {
        tally.require(!threw, "a callback was called after one that threw");
        threw = true;
        action.run();
        threw = false;
    }

    // ---- the end

    /** Called by the thread that reads the stream, when the stream is over. */
    void streamEnded() {
        bothEndsSeen();
    }

    private void beOver() {
        if (over.compareAndSet(false, true)) {
            whenOver.run();
            bothEndsSeen();
        }
    }

    /** Called at both ends: that of the session and that of the stream. */
    private void bothEndsSeen() {
        if (endsSeen.incrementAndGet() == 2) {
            try {
                new SoakVerdict(this).requireGoodEnd(cause);
            } catch (AssertionError e) {
                tally.fail(new AssertionError(this + ": " + e.getMessage(), e));
            }
            tally.endedBy(notMade ? new IllegalStateException("not made") : cause);
            tally.ended.increment();
            population.remove(this);
        }
    }

    boolean wasOpened() {
        return opened;
    }

    boolean wasNotMade() {
        return notMade;
    }

    @Override
    public String toString() {
        String how = isInterrupted ? ", interrupted itself" : aborted ? ", aborted" : notMade ? ", not made" : "";
        return "session of " + host.name() + ", cause " + cause
                + (cause instanceof SlowConsumerException ? " with " + unwrittenMessages + " unwritten" : "") + ", "
                + end + how + (subscriber == null ? "" : ", " + subscriber)
                + (closed ? ", closed" : opened ? ", open" : ", not opened") + ", " + session;
    }
}
