/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sendbuffer.QueueLincheckTest.Outbox;
import io.sendbuffer.lincheck.MeteredWire;
import io.sendbuffer.lincheck.ModelChecking;
import io.sendbuffer.lincheck.SentMessages;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A log and its subscribers' channels are a list of messages, and for each subscriber a place in it, in every
 * interleaving of the steps; and its memory comes back once. Each reader has one thread.
 *
 * <p>How much is retained, and how far a subscriber is, may lag behind the writes by a turn: these are looked at while
 * nothing is written.
 */
class LogLincheckTest {
    private static final ModelChecking CHECK = ModelChecking.ignoring(Outbox.class, ChunkStore.class, ViewCache.class);

    @Test
    void shouldGiveAllThatWasAppendedToTheSubscribersInOneOrder() {
        CHECK.assertKeeps(
                Roomy.class,
                ModelLog.class,
                "subscribe; append append | append | serve serve",
                "subscribe subscribeOther; append | append serve | serveOther",
                "subscribe subscribeOther append; append | serve serve | serveOther serveOther");
    }

    @Test
    void shouldBeginWhereTheTailIsWhateverIsAppendedMeanwhile() {
        CHECK.assertKeeps(
                Roomy.class,
                ModelLog.class,
                "append append | subscribe serve serve",
                "subscribeOther; append | subscribe append | serve serveOther",
                "append tail | subscribe serve | append");
    }

    @Test
    void shouldWriteNothingAfterTheEndOfTheSubscriptionOrAppendAfterThatOfTheLog() {
        CHECK.assertKeeps(
                Roomy.class,
                ModelLog.class,
                "subscribe append; append leave | serve serve",
                "subscribe append; append append | close | serve serve",
                "append close | subscribe serve",
                "subscribe subscribeOther append; leave | serve append | close serveOther");
    }

    @Test
    void shouldRetainWhatASubscriberHasNotPassed() {
        CHECK.assertKeeps(
                Roomy.class,
                ModelLog.class,
                "subscribe append serve; append retained | append lag | tail",
                "append subscribe append; append | retained append | lag");
    }

    @Test
    void shouldRefuseWhatASubscriberThatHoldsItHasNoRoomFor() {
        CHECK.assertKeeps(
                Held.class,
                ModelLog.ModelOfHeld.class,
                "subscribe append; append | append | append",
                "subscribe append append; append | serve append",
                "subscribe append append; append | leave serve");
    }

    @Test
    void shouldWriteEachMessageInTwoPartsToAChannelThatTakesOneByte() {
        CHECK.assertKeeps(
                Cut.class,
                ModelLog.ModelOfCut.class,
                "subscribe append; append | serve serve | tail",
                "subscribe append serve; append leave | serve serve",
                "subscribe append serve; append | close | serve serve");
    }

    @Test
    void shouldGiveUpWhatItHasNoRoomForAndReleaseItOnce() {
        CHECK.assertKeeps(
                Overrun.class,
                ModelLog.Positions.class,
                "subscribe append; append append | serve",
                "subscribe subscribeOther append; append | serve serve | serveOther",
                "subscribe append; append | append | serve");
        CHECK.assertKeeps(
                CutAndOverrun.class,
                ModelLog.Positions.class,
                "subscribe append; append append | serve serve",
                "subscribe append serve; append append | serve leave",
                "subscribe append; append append | serve close");
    }

    /** The operations under test, those of a log with two readers that have one subscriber each. */
    interface Feed {
        long append(SendBuffer message);

        /** The position where the subscriber starts, or less than 0. */
        long subscribe(int reader, GatheringByteChannel channel);

        void leave(int reader);

        /** By one thread for each reader. */
        void serve(int reader);

        void close();

        long tail();

        long retained();

        long lag(int reader);

        /** Ends the readers. */
        void end();
    }

    static final class RealFeed implements Feed {
        private static final SendBufferPool NO_COPIES = closedPool();

        private final OverrunPolicy policy;
        private final BroadcastLog log;
        private final List<LogReader> readers = new ArrayList<>();
        private final @Nullable Subscription[] cursors = new Subscription[2];

        RealFeed(int maxMessages, OverrunPolicy policy) {
            this.policy = policy;
            log = BroadcastLog.builder(NO_COPIES)
                    .retention(LogRetention.DEFAULT.withMaxMessages(maxMessages))
                    .build();
            readers.add(log.newReader(() -> {}));
            readers.add(log.newReader(() -> {}));
        }

        private static SendBufferPool closedPool() {
            SendBufferPool pool = Pools.create();
            Pools.forget(pool);
            pool.close();
            return pool;
        }

        @Override
        public long append(SendBuffer message) {
            return log.append(message);
        }

        @Override
        public long subscribe(int reader, GatheringByteChannel channel) {
            Subscription cursor = readers.get(reader).subscribe(new Client(channel), policy);
            cursors[reader] = cursor;
            return cursor == null ? BroadcastLog.CLOSED : cursor.startPosition();
        }

        @Override
        public void leave(int reader) {
            Subscription cursor = cursors[reader];
            if (cursor != null) {
                cursor.close();
            }
        }

        @Override
        public void serve(int reader) {
            LogReader served = readers.get(reader);
            served.serve();
            served.endTurn();
        }

        @Override
        public void close() {
            log.close();
        }

        @Override
        public long tail() {
            return log.tailPosition();
        }

        @Override
        public long retained() {
            return log.stats().retainedMessages();
        }

        @Override
        public long lag(int reader) {
            Subscription cursor = cursors[reader];
            return cursor == null ? 0 : cursor.lagInMessages();
        }

        @Override
        public void end() {
            readers.forEach(LogReader::close);
            log.close();
        }
    }

    private record Client(SendQueue queue, GatheringByteChannel channel) implements LogReceiver {
        Client(GatheringByteChannel channel) {
            this(new SendQueue(), channel);
        }

        @Override
        public void onNews() {
            queue.flushWithLogs(channel, Long.MAX_VALUE);
        }

        @Override
        public void onOverrun(LogOverrunException cause) {
            queue.close();
        }
    }

    public abstract static class Model {
        private static final int TURNS = 16;

        private final Feed feed;
        private final List<MeteredWire> wires;
        private final Outbox outbox = new Outbox();
        private volatile boolean left;

        Model(Feed feed, MeteredWire wire, MeteredWire otherWire) {
            this.feed = feed;
            this.wires = List.of(wire, otherWire);
        }

        @Operation
        public long append(@Param(gen = ThreadIdGen.class) int thread) {
            try (SendBuffer message = outbox.next(thread)) {
                return feed.append(message);
            }
        }

        @Operation
        public long subscribe() {
            return feed.subscribe(0, wires.get(0));
        }

        @Operation
        public long subscribeOther() {
            return feed.subscribe(1, wires.get(1));
        }

        @Operation
        public void leave() {
            left = true;
            feed.leave(0);
        }

        /** What a turn of the reader's thread writes. */
        @Operation(nonParallelGroup = "reader")
        public List<Byte> serve() {
            return serve(0);
        }

        @Operation(nonParallelGroup = "other reader")
        public List<Byte> serveOther() {
            return serve(1);
        }

        private List<Byte> serve(int reader) {
            MeteredWire wire = wires.get(reader);
            int before = wire.takenCount();
            feed.serve(reader);
            List<Byte> taken = new ArrayList<>();
            for (int i = before; i < wire.takenCount(); i++) {
                taken.add(wire.taken()[i]);
            }
            return taken;
        }

        @Operation
        public void close() {
            feed.close();
        }

        @Operation
        public long tail() {
            return feed.tail();
        }

        @Operation
        public long retained() {
            return feed.retained();
        }

        @Operation
        public long lag() {
            return feed.lag(0);
        }

        @Validate
        public void passedByAllAndFreedOnce() {
            for (int i = 0; i < TURNS; i++) {
                feed.serve(0);
                feed.serve(1);
            }
            if (!left) {
                assertEquals(0, feed.lag(0), "messages that the subscriber is behind");
            }
            assertEquals(0, feed.retained(), "messages retained that all have passed");
            for (MeteredWire wire : wires) {
                assertFalse(wire.overlapped(), "two threads wrote at once");
                assertWholeMessagesInOrder(wire.taken());
            }
            feed.end();
            outbox.assertFreed();
        }

        /** Those of one thread in the order in which it appended them; some may be skipped. */
        private static void assertWholeMessagesInOrder(byte[] taken) {
            assertEquals(0, taken.length % SentMessages.LENGTH, "bytes of a message that was cut short");
            byte[] lastOfThread = new byte[SentMessages.MAX_THREADS];
            for (int at = 0; at < taken.length; at += SentMessages.LENGTH) {
                int thread = SentMessages.threadOf(taken[at]);
                assertEquals(0, taken[at] % SentMessages.LENGTH, "half of a message, or of none");
                assertEquals(taken[at] + 1, taken[at + 1], "half of a message, or of none");
                assertFalse(taken[at] < lastOfThread[thread], "written twice, or out of order");
                lastOfThread[thread] = taken[at + 1];
            }
        }
    }

    public static class Roomy extends Model {
        public Roomy() {
            this(new RealFeed(ModelLog.MAX_MESSAGES, OverrunPolicy.end()));
        }

        Roomy(Feed feed) {
            super(feed, MeteredWire.takingAll(), MeteredWire.takingAll());
        }
    }

    public static class Held extends Model {
        public Held() {
            super(
                    new RealFeed(ModelLog.ModelOfHeld.MAX_MESSAGES, OverrunPolicy.hold()),
                    MeteredWire.takingAll(),
                    MeteredWire.takingAll());
        }
    }

    public static class Cut extends Model {
        public Cut() {
            super(
                    new RealFeed(ModelLog.MAX_MESSAGES, OverrunPolicy.end()),
                    MeteredWire.taking(1),
                    MeteredWire.taking(1));
        }
    }

    /** What is written depends on when the log gives it up, so it is no result. */
    public static class Overrun extends Model {
        public Overrun() {
            this(new RealFeed(1, OverrunPolicy.skip()));
        }

        Overrun(Feed feed) {
            this(feed, MeteredWire.takingAll(), MeteredWire.takingAll());
        }

        Overrun(Feed feed, MeteredWire wire, MeteredWire otherWire) {
            super(feed, wire, otherWire);
        }

        @Override
        @Operation(nonParallelGroup = "reader")
        public List<Byte> serve() {
            super.serve();
            return List.of();
        }

        @Override
        @Operation(nonParallelGroup = "other reader")
        public List<Byte> serveOther() {
            super.serveOther();
            return List.of();
        }
    }

    public static class CutAndOverrun extends Overrun {
        public CutAndOverrun() {
            super(new RealFeed(1, OverrunPolicy.skip()), MeteredWire.taking(1), MeteredWire.taking(1));
        }
    }
}
