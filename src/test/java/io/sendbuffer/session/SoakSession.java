package io.sendbuffer.session;

import io.sendbuffer.SendBuffer;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One session of the soak: checks its callbacks while it lives, and both ends of its connection when it is over. */
final class SoakSession implements SessionListener {
    final SoakExpectation expectation;
    final SoakStream stream;
    final SoakEnd end = new SoakEnd();
    final SoakHost host;

    private final SoakTally tally;
    private final SoakPopulation population;
    private final SoakGroups groups;

    /** Of the callbacks, one at a time. */
    private final SplittableRandom random;

    private final Frames.Writer replies;
    private final AtomicLong repliesReturned = new AtomicLong(SoakExpectation.NONE);
    private final AtomicBoolean withinCallback = new AtomicBoolean();
    private final AtomicInteger endsSeen = new AtomicInteger();

    /** Known to the opener, or since the first callback. */
    private volatile @Nullable Session session;

    private volatile boolean opened;
    private volatile boolean closed;
    private volatile boolean aborted;
    private volatile boolean hasLittleTimeToClose;
    private volatile @Nullable Throwable cause;
    private volatile Runnable whenClosed = () -> {};
    private long receivedFromPeer;

    SoakSession(SoakPopulation population, SoakHost host, SplittableRandom random) {
        this.tally = population.tally;
        this.population = population;
        this.groups = population.groups;
        this.host = host;
        this.random = random;
        this.replies = new Frames.Writer(population.pool, SoakGroups.REPLIES, random.nextLong());
        AtomicLong[] returned = Arrays.copyOf(groups.returned, SoakGroups.REPLIES + 1);
        returned[SoakGroups.REPLIES] = repliesReturned;
        this.expectation = new SoakExpectation(returned);
        this.stream = new SoakStream(tally, host.name(), expectation, SoakGroups.REPLIES + 1);
    }

    // ---- any thread

    @Nullable
    Session session() {
        return session;
    }

    boolean hasSomethingQueued() {
        Session itself = session;
        return itself != null && itself.queuedMessages() > 0;
    }

    /** Tells who it is, and lets it hear broadcasts. */
    void join(Session itself) {
        session = itself;
        groups.all.add(itself);
        if (!host.waits()) {
            groups.quick.add(itself);
        }
    }

    void whenClosed(Runnable action) {
        whenClosed = action;
    }

    void close(Session itself, Duration time) {
        expectation.beforeClose();
        hasLittleTimeToClose = true;
        itself.close(time);
    }

    void close(Session itself) {
        expectation.beforeClose();
        itself.close();
    }

    void abort(Session itself) {
        aborted = true;
        itself.abort();
    }

    // ---- callbacks

    @Override
    public void onOpened(Session itself) {
        within("onOpened", () -> {
            tally.require(!opened, "onOpened came twice");
            opened = true;
            join(itself);
            misbehave(itself, 100);
        });
    }

    @Override
    public void onReceived(Session itself, ByteBuffer bytes) {
        within("onReceived", () -> {
            tally.require(opened, "onReceived came before onOpened");
            while (bytes.hasRemaining()) {
                tally.require(
                        bytes.get() == SoakPeer.byteAt(receivedFromPeer), "the byte that the peer sent is another");
                receivedFromPeer++;
            }
            reply(itself);
            misbehave(itself, 30);
        });
    }

    @Override
    public boolean onInputEnded(Session itself) {
        within("onInputEnded", () -> tally.require(opened, "onInputEnded came before onOpened"));
        return random.nextInt(3) > 0;
    }

    @Override
    public void onClosed(Session itself, @Nullable Throwable why) {
        session = itself;
        cause = why;
        within("onClosed", () -> {
            closed = true;
            tally.require(itself.isClosed(), "told of the end before it");
            tally.require(itself.queuedMessages() == 0 && itself.queuedBytes() == 0, "something is queued at the end");
            tally.require(!itself.channel().isOpen(), "the channel is open at the end");
            tally.require(!groups.all.remove(itself), "a member still at the end");
            tally.require(!groups.all.add(itself), "became a member after the end");
            itself.close();
            itself.abort();
        });
        whenClosed.run();
        bothEndsSeen();
        if (random.nextInt(200) == 0) {
            throw new SoakFailure();
        }
    }

    /** True once the end was told. */
    boolean hasEnded() {
        return closed;
    }

    private void within(String callback, Runnable action) {
        tally.require(withinCallback.compareAndSet(false, true), callback + " came within another callback");
        tally.require(!closed, callback + " came after onClosed");
        try {
            action.run();
        } finally {
            withinCallback.set(false);
        }
    }

    private void reply(Session itself) {
        if (random.nextInt(4) > 0) {
            return;
        }
        try (SendBuffer message = replies.tryNext()) {
            if (message == null) {
                tally.poolFull.increment();
                return;
            }
            tally.sent.increment();
            SoakSender.offer(
                    tally,
                    this,
                    message.onRelease(tally.released),
                    SoakGroups.REPLIES,
                    replies.lastSequence(),
                    itself::send);
            repliesReturned.set(replies.lastSequence());
        }
    }

    private void misbehave(Session itself, int oneOf) {
        if (!tally.goesOn() || random.nextInt(oneOf) > 0) {
            return;
        }
        switch (random.nextInt(4)) {
            case 0 -> close(itself);
            case 1 -> close(itself, Duration.ofMillis(1 + random.nextInt(100)));
            case 2 -> abort(itself);
            default -> throw new SoakFailure();
        }
        if (random.nextBoolean()) {
            throw new SoakFailure(); // after the end: no effect
        }
    }

    // ---- the end

    /** By whoever reads the stream, when it is over. */
    void streamEnded() {
        bothEndsSeen();
    }

    /** One of two: the end of the session, the end of the stream. */
    private void bothEndsSeen() {
        if (endsSeen.incrementAndGet() == 2) {
            try {
                requireGoodEnd(cause);
            } catch (AssertionError e) {
                tally.fail(new AssertionError(this + ": " + e.getMessage(), e));
            }
            tally.endedBy(cause);
            tally.ended.increment();
            population.remove(this);
        }
    }

    private void requireGoodEnd(@Nullable Throwable why) {
        if (why == null) {
            if (!aborted) {
                requireComplete();
            }
        } else if (why instanceof EOFException) {
            require(end.peerEndedItsOutput(), "the peer did not end its output");
        } else if (why instanceof SocketTimeoutException) {
            require(hasLittleTimeToClose || !end.wasReadingAllTheTime(), "the peer was reading all the time");
        } else if (why instanceof ClosedByInterruptException) {
            require(host.waits(), "nobody waits here whom an interrupt could hit");
        } else if (why instanceof ClosedChannelException || !(why instanceof IOException)) {
            require(why instanceof SoakFailure, "not a cause to be expected");
        } else {
            require(end.peerLeft(), "the peer was there");
        }
    }

    private void requireComplete() {
        if (end.peerLeft() || (end.sawReset() && end.peerTalked())) {
            return; // what the peer did not take, or TCP threw away, for bytes that came after the close
        }
        require(!end.sawReset(), "the peer saw a reset after a close in order");
        require(stream.isAtBorder(), "half a message came last");
        expectation.requireNothingLeft();
        tally.complete.increment();
    }

    private static void require(boolean kept, String rule) {
        if (!kept) {
            throw new AssertionError(rule);
        }
    }

    @Override
    public String toString() {
        return "session of " + host.name() + ", cause " + cause + ", " + end + (aborted ? ", aborted" : "")
                + (closed ? ", closed" : opened ? ", open" : ", not opened") + ", " + session;
    }
}
