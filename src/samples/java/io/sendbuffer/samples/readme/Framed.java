/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.frame.FrameFormat;
import io.sendbuffer.frame.FrameReader;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The example of the guide that receives frames: what one client sends, all get. */
final class Framed {
    private final SendBufferPool pool;
    private final SessionGroup clients = new SessionGroup(Session::abort);

    Framed(SendBufferPool pool) {
        this.pool = pool;
    }

    // README: frames
    static final FrameFormat FORMAT = FrameFormat.lengthField(4).maxLength(1 << 20); // | length | content |

    /** For frames that were cut, of all clients: apart from what is sent. */
    final SendBufferPool framePool =
            SendBufferPool.builder().chunkSize(1 << 10).maxMemory(16 << 20).build();

    final class Client implements SessionListener {
        private final FrameReader frames = FORMAT.reader(framePool, this::onFrame);

        @Override
        public void onOpened(Session session) {
            clients.add(session);
        }

        @Override
        public void onReceived(Session session, ByteBuffer input) {
            frames.read(input); // what it throws, for a frame that is too long for instance, ends the session
        }

        /** The frame is what lies from its position to its limit, and valid during the call. */
        private void onFrame(ByteBuffer frame) {
            try (SendBuffer message = pool.acquire(4 + frame.remaining())) {
                clients.broadcast(
                        message.putInt(frame.remaining()).putBytes(frame).seal());
            }
        }

        @Override
        public void onClosed(Session session, @Nullable Throwable cause) {
            frames.close(); // gives back the beginning of a frame
        }
    }
    // README: end
}
