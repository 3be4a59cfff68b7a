/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionListener;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One connection: what it has sent and is not executed yet, and what it subscribes to. On the loop's thread. */
final class Client implements SessionListener {
    private final Commands commands;
    private final RespReader reader;
    final Set<String> channels = new LinkedHashSet<>();
    final Set<String> patterns = new LinkedHashSet<>();
    private boolean leaving;

    /**
     * Lines to answer with, sent together when all is executed that came together: so that messages that came together
     * lie side by side in memory, and go out to a subscriber as one.
     */
    private final StringBuilder lines = new StringBuilder();

    Client(Commands commands, int maxCommandBytes) {
        this.commands = commands;
        this.reader = new RespReader(maxCommandBytes);
    }

    int subscriptions() {
        return channels.size() + patterns.size();
    }

    @Override
    public void onOpened(Session session) {
        commands.entered(session, this);
    }

    @Override
    public void onReceived(Session session, ByteBuffer bytes) {
        if (leaving) {
            return;
        }
        try {
            reader.add(bytes);
            List<byte[]> command;
            while (!leaving && (command = reader.next()) != null) {
                if (!command.isEmpty()) {
                    commands.execute(session, this, command);
                }
            }
        } catch (RespReader.ProtocolException e) {
            say("-ERR Protocol error: " + e.getMessage());
            leave(session);
        }
        commands.ended();
        sendLines(session);
    }

    /** Answers with a line, soon. */
    void say(String line) {
        lines.append(line).append("\r\n");
    }

    /** Answers with something else, behind the lines that wait. */
    void send(Session session, @Nullable SendBuffer reply) {
        sendLines(session);
        sendNow(session, reply);
    }

    private void sendLines(Session session) {
        if (lines.length() > 0) {
            sendNow(session, commands.reply().lines(lines));
            lines.setLength(0);
        }
    }

    /** Says nothing more after what it has said; what the client sends from now on is dropped. */
    void leave(Session session) {
        leaving = true;
        sendLines(session);
        session.close();
    }

    /** Says nothing, not even what it has said and not sent; executes nothing more. */
    void drop(Session session) {
        leaving = true;
        lines.setLength(0);
        session.abort();
    }

    /** A client that cannot be answered is of no use: it does not read, or there is no memory for it. */
    private static void sendNow(Session session, @Nullable SendBuffer reply) {
        if (reply == null) {
            session.abort();
            return;
        }
        try (reply) {
            if (session.send(reply).isRefused()) {
                session.abort();
            }
        }
    }

    @Override
    public void onClosed(Session session, @Nullable Throwable cause) {
        commands.left(session, this, cause);
    }
}
