/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.LoopTask;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The example of the guide that watches the time, and answers on other threads. */
final class Timed {
    private final SendBufferPool pool;
    private final Executor workers;
    private final SendBuffer ping;
    final SendLoop loop;

    /** The ping stays the caller's. */
    Timed(SendBufferPool pool, Executor workers, SendBuffer ping) throws IOException {
        this.pool = pool;
        this.workers = workers;
        this.ping = ping;
        this.loop = newLoop();
    }

    // README: timed
    private static SendLoop newLoop() throws IOException {
        return SendLoop.builder()
                .readTimeout(Duration.ofSeconds(60)) // a client answers pings, or is gone
                .pauseReadingWhileUnwritable(true) // one that asks for more than it reads has to wait
                .build();
    }

    final class Client implements SessionListener {
        private @Nullable LoopTask login; // used by the loop's thread alone

        @Override
        public void onOpened(Session session) {
            session.ping(ping, Duration.ofSeconds(20)); // one message, for all sessions
            login = loop.schedule(session::close, Duration.ofSeconds(5)); // unless the client says something
        }

        @Override
        public void onReceived(Session session, ByteBuffer input) {
            cancelLogin();
            session.pauseReading(); // nothing more is received until the answer is sent
            byte[] question = new byte[input.remaining()];
            input.get(question);
            workers.execute(() -> {
                answer(session, question);
                session.resumeReading();
            });
        }

        @Override
        public void onClosed(Session session, @Nullable Throwable cause) {
            cancelLogin();
        }

        private void cancelLogin() {
            if (login != null) {
                login.cancel();
            }
        }
    }
    // README: end

    private void answer(Session session, byte[] question) {
        try (SendBuffer answer = pool.acquire(question.length)) {
            session.send(answer.putBytes(question).seal());
        }
    }
}
