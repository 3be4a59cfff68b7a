/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import io.sendbuffer.Conflation;
import io.sendbuffer.Gap;
import io.sendbuffer.OfferResult;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** The examples of the page on slow consumers. */
final class Replay {
    private Replay() {}

    /** Loops whose clients end, or lose what is oldest or out of date, when they are too slow. */
    static final class Loops {
        private final SendBufferPool pool;

        Loops(SendBufferPool pool) {
            this.pool = pool;
        }

        // README: strict
        /** Disconnects a client that would hold more than 32 MiB, or has held more than 8 MiB for a minute. */
        SendLoop strict() throws IOException {
            return SendLoop.builder()
                    .queueLimits(QueueLimits.ofBytes(32 << 20).withSoftLimit(8 << 20, Duration.ofSeconds(60)))
                    .overrunPolicy(OverrunPolicy.end())
                    .build();
        }
        // README: end

        // README: skip
        /** What has waited for two seconds is dropped, and the client learns how much it missed. */
        SendLoop fresh() throws IOException {
            return SendLoop.builder()
                    .queueLimits(QueueLimits.DEFAULT.withMaxAge(Duration.ofSeconds(2)))
                    .overrunPolicy(OverrunPolicy.skip(this::notice))
                    .build();
        }

        private @Nullable SendBuffer notice(Gap gap) {
            SendBuffer notice = pool.tryAcquire(9);
            return notice == null
                    ? null
                    : notice.putByte('G').putLong(gap.messages()).seal();
        }
        // README: end

        // README: conflate
        /** A client that is behind gets the newest price of each instrument, and learns how many it did not get. */
        SendLoop prices() throws IOException {
            return SendLoop.builder()
                    .conflation(Conflation.inPlace().withNotice(this::notice))
                    .build();
        }

        void publish(SessionGroup clients, int instrument, long price) {
            try (SendBuffer message = pool.acquire(13)) {
                message.putByte('P').putInt(instrument).putLong(price).conflate(instrument);
                clients.broadcast(message.seal());
            }
        }
        // README: end

        // README: pull
        /**
         * The newest price of each instrument. A client that is behind costs a bit for each, and gets what is newest.
         */
        private final AtomicLongArray newest = new AtomicLongArray(1_000);

        void join(SessionGroup clients, Session client) {
            client.pullFrom(this::newestPrice, newest.length());
            clients.add(client);
            for (int instrument = 0; instrument < newest.length(); instrument++) {
                client.mark(instrument); // so that it gets a first value of each
            }
        }

        /** Any thread, as often as it likes. */
        void update(SessionGroup clients, int instrument, long price) {
            newest.set(instrument, price);
            clients.mark(instrument);
        }

        /** When a client is written to, for each instrument that has changed since. */
        private @Nullable SendBuffer newestPrice(int instrument) {
            SendBuffer message = pool.tryAcquire(13); // not released here: its reference is handed over
            return message == null
                    ? null // its mark is gone: the next change marks it again
                    : message.putByte('P')
                            .putInt(instrument)
                            .putLong(newest.get(instrument))
                            .seal();
        }
        // README: end
    }

    /** Sends a client a long recording. */
    static final class Player implements SessionListener {
        private final SendBufferPool pool;
        private final byte[][] recording;
        private int next;

        Player(SendBufferPool pool, byte[][] recording) {
            this.pool = pool;
            this.recording = recording;
        }

        // README: replay
        @Override
        public void onOpened(Session session) {
            play(session);
        }

        @Override
        public void onWritable(Session session, boolean writable) {
            if (writable) {
                play(session);
            }
        }

        /** Sends on, at the client's own pace. Only the session's callbacks call it, so one thread at a time. */
        private void play(Session session) {
            while (next < recording.length && session.isWritable()) {
                byte[] part = recording[next];
                try (SendBuffer message =
                        pool.acquire(part.length).putBytes(part).seal()) {
                    if (session.send(message) != OfferResult.QUEUED) {
                        return; // refused, and onWritable follows; or closed
                    }
                }
                next++;
            }
            if (next == recording.length) {
                session.close(); // when all is written
            }
        }
        // README: end
    }
}
