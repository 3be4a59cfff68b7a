/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;

/** Acts as the peer of one session, in moods that change. Owned by the thread that runs it. */
final class SoakPeer {
    private static final int MUCH = 4 << 10;
    private static final int LITTLE = 64;
    private static final int MAX_STALL_MILLIS = 3000;
    private static final int MAX_MOOD_MILLIS = 400;
    private static final int MAX_READS = 8;

    private enum Mood {
        FAST,
        SLOW,
        STALLED
    }

    private final SoakSession session;
    private final ReadableByteChannel channel;
    private final SplittableRandom random;
    private Mood mood = Mood.FAST;
    private long moodEndsNanos = System.nanoTime();
    private long said;
    private boolean outputEnded;
    private boolean done;

    SoakPeer(SoakSession session, ReadableByteChannel channel, SplittableRandom random) {
        this.session = session;
        this.channel = channel;
        this.random = random;
    }

    /** The byte that a peer sends at this index. */
    static byte byteAt(long index) {
        return (byte) (index * 31 + 7);
    }

    boolean isDone() {
        return done;
    }

    /**
     * Reads some bytes, and misbehaves at random.
     *
     * @param calm true if it only reads
     * @return true if there was something to read
     */
    boolean turn(long now, boolean calm) {
        try {
            if (calm) {
                mood = Mood.FAST;
            } else if (now - moodEndsNanos >= 0) {
                changeMood(now);
            }
        } catch (IOException e) {
            session.end.reset(); // the session was faster; this call may have consumed the next read's error
            return !done && read();
        }
        if (mood == Mood.STALLED) {
            session.end.lag();
            return false;
        }
        return !done && read();
    }

    private void changeMood(long now) throws IOException {
        int choice = random.nextInt(100);
        int max = MAX_MOOD_MILLIS;
        if (choice < 50) {
            mood = Mood.FAST;
        } else if (choice < 70) {
            mood = Mood.SLOW;
        } else if (choice < 82) {
            mood = Mood.STALLED;
            max = random.nextInt(3) == 0 ? MAX_STALL_MILLIS : MAX_MOOD_MILLIS;
        } else if (choice < 86) {
            leave(random.nextBoolean());
        } else if (channel instanceof SocketChannel socket && !outputEnded) {
            if (choice < 89) {
                endOutput(socket);
            } else {
                talk(socket);
            }
        }
        moodEndsNanos = now + TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(max));
    }

    private void leave(boolean withReset) throws IOException {
        session.end.leave();
        if (withReset) {
            SoakWires.reset(channel);
        }
        finish();
    }

    private void endOutput(SocketChannel socket) throws IOException {
        session.end.endOutput();
        outputEnded = true;
        socket.shutdownOutput();
    }

    private void talk(SocketChannel socket) throws IOException {
        byte[] words = new byte[1 + random.nextInt(300)];
        for (int i = 0; i < words.length; i++) {
            words[i] = byteAt(said + i);
        }
        session.end.talk();
        said += socket.write(ByteBuffer.wrap(words));
    }

    private boolean read() {
        int max = mood == Mood.SLOW ? 1 + random.nextInt(LITTLE) : MUCH;
        int reads = mood == Mood.SLOW ? 1 : MAX_READS;
        int count = 0;
        session.end.beginRead();
        try {
            for (int i = 0; i < reads && (count = session.stream.read(channel, max)) > 0; i++) {
                session.end.arrived();
            }
            if (count == 0) {
                session.end.readAll();
            } else {
                session.end.lag();
            }
        } catch (IOException e) {
            session.end.reset();
            count = -1;
        }
        if (count < 0) {
            finish();
        }
        return count > 0;
    }

    private void finish() {
        done = true;
        CloseHelper.quietClose(channel);
        session.streamEnded();
    }

    @Override
    public String toString() {
        return "peer in mood " + mood + " of " + session;
    }
}
