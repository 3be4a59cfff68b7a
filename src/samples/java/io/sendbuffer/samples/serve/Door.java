/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.serve;

import io.sendbuffer.SendBufferPool;
import io.sendbuffer.frame.FrameFormat;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Admission: numbers the clients, counts the connected ones, and turns away those beyond the limit. */
final class Door {
    private final Room room;
    private final int maxConnections;
    private final FrameFormat lines;
    private final SendBufferPool begunLines;
    private final PrintStream console;
    private final byte[] full;

    private int connected;
    private int admitted;

    Door(Room room, int maxConnections, FrameFormat lines, SendBufferPool begunLines, PrintStream console) {
        this.room = room;
        this.maxConnections = maxConnections;
        this.lines = lines;
        this.begunLines = begunLines;
        this.console = console;
        this.full =
                ("* server full (" + maxConnections + " connections), try later\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Creates the listener of a new connection; null makes the loop close the connection. */
    @Nullable
    Client admit(SocketChannel newcomer) throws IOException {
        if (connected == maxConnections) {
            turnAway(newcomer);
            return null;
        }
        connected++;
        admitted++;
        return new Client(admitted, lines, begunLines, this, room);
    }

    /** A connection ended. */
    void leave() {
        connected--;
    }

    /** The number of clients since the start. */
    int admitted() {
        return admitted;
    }

    private void turnAway(SocketChannel newcomer) throws IOException {
        console.println("turned a client away: server full");
        room.makeRoom();
        newcomer.write(ByteBuffer.wrap(full)); // no session, no queue: a new socket has room for one line
    }
}
