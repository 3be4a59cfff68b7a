/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.serve;

import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionListener;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One connection: turns the loop's callbacks into calls of the room. */
final class Client implements SessionListener {
    private final Door door;
    private final Room room;
    private final LineReader lines;
    private final String name;
    private final String prefix;
    private boolean talking;

    Client(int number, int maxLine, Door door, Room room) {
        this.door = door;
        this.room = room;
        this.lines = new LineReader(maxLine);
        this.name = "#" + number;
        this.prefix = name + ": ";
    }

    /** The prefix of each of its lines. */
    String prefix() {
        return prefix;
    }

    @Override
    public void onOpened(Session session) {
        talking = true;
        room.enter(session, this);
    }

    @Override
    public void onReceived(Session session, ByteBuffer bytes) {
        lines.read(bytes, line -> room.say(session, this, line), () -> room.refuseLongLine(session));
    }

    /**
     * Either the client, such as {@code echo hi | nc}, has ended its output and still reads, or it has left altogether:
     * TCP cannot distinguish the two until a write fails. So the others are notified that it left, and it stays as long
     * as it can be written to.
     */
    @Override
    public boolean onInputEnded(Session session) {
        lines.end(line -> room.say(session, this, line), () -> room.refuseLongLine(session));
        talking = false;
        room.listenOnly(session, this);
        return true;
    }

    @Override
    public void onClosed(Session session, @Nullable Throwable cause) {
        door.leave();
        room.leave(session, this, talking, cause);
    }

    @Override
    public String toString() {
        return name;
    }
}
