/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.serve;

import io.sendbuffer.SendBufferPool;
import io.sendbuffer.frame.FrameFormat;
import io.sendbuffer.frame.FrameReader;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionListener;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One connection: turns the loop's callbacks into calls of the room. */
final class Client implements SessionListener {
    private final Door door;
    private final Room room;
    private final FrameReader lines;
    private final String name;
    private final String prefix;
    private @Nullable Session session;
    private boolean talking;

    /** Takes lines of this format, and keeps the beginning of one in that pool. */
    Client(int number, FrameFormat format, SendBufferPool begun, Door door, Room room) {
        this.door = door;
        this.room = room;
        this.name = "#" + number;
        this.prefix = name + ": ";
        this.lines = format.reader(begun, this::say).skipTooLong(this::refuseLongLine);
    }

    /** The prefix of each of its lines. */
    String prefix() {
        return prefix;
    }

    @Override
    public void onOpened(Session session) {
        this.session = session;
        talking = true;
        room.enter(session, this);
    }

    @Override
    public void onReceived(Session session, ByteBuffer bytes) {
        lines.read(bytes);
    }

    private void say(ByteBuffer line) {
        room.say(Objects.requireNonNull(session), this, line);
    }

    private void refuseLongLine() {
        room.refuseLongLine(Objects.requireNonNull(session));
    }

    /**
     * Either the client, such as {@code echo hi | nc}, has ended its output and still reads, or it has left altogether:
     * TCP cannot distinguish the two until a write fails. So the others are notified that it left, and it stays as long
     * as it can be written to.
     */
    @Override
    public boolean onInputEnded(Session session) {
        lines.end(); // a line without its end is one
        talking = false;
        room.listenOnly(session, this);
        return true;
    }

    @Override
    public void onClosed(Session session, @Nullable Throwable cause) {
        lines.close();
        door.leave();
        room.leave(session, this, talking, cause);
    }

    @Override
    public String toString() {
        return name;
    }
}
