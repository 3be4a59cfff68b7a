/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which clients subscribe to which channels and patterns. A message is written once for the subscribers of its channel,
 * and once for those of each pattern. Everything runs on the loop's thread.
 */
final class Channels {
    private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PATTERN_MESSAGE = "pmessage".getBytes(StandardCharsets.US_ASCII);

    private final Reply reply;
    private final Map<String, SessionGroup> channels = new HashMap<>();
    private final Map<String, SessionGroup> patterns = new HashMap<>();

    Channels(Reply reply) {
        this.reply = reply;
    }

    private Map<String, SessionGroup> groups(boolean byPattern) {
        return byPattern ? patterns : channels;
    }

    void join(Session session, String name, boolean byPattern) {
        groups(byPattern).computeIfAbsent(name, unused -> new SessionGroup()).add(session);
    }

    void leave(Session session, String name, boolean byPattern) {
        SessionGroup group = groups(byPattern).get(name);
        if (group != null) {
            group.remove(session);
            forgetIfEmpty(name, byPattern);
        }
    }

    /** A session that has ended left its groups by itself. */
    void forgetIfEmpty(String name, boolean byPattern) {
        groups(byPattern).computeIfPresent(name, (key, group) -> group.size() == 0 ? null : group);
    }

    /** Returns how many got the message; -1 if the pool is exhausted. */
    int publish(byte[] channel, byte[] payload) {
        String name = new String(channel, StandardCharsets.ISO_8859_1);
        SessionGroup group = channels.get(name);
        int receivers = 0;
        if (group != null) {
            receivers = send(reply.bulks(MESSAGE, channel, payload), group);
        }
        for (Map.Entry<String, SessionGroup> pattern : patterns.entrySet()) {
            if (receivers >= 0 && Glob.matches(pattern.getKey(), name)) {
                byte[] text = pattern.getKey().getBytes(StandardCharsets.ISO_8859_1);
                int more = send(reply.bulks(PATTERN_MESSAGE, text, channel, payload), pattern.getValue());
                receivers = more < 0 ? -1 : receivers + more;
            }
        }
        return receivers;
    }

    private static int send(@Nullable SendBuffer message, SessionGroup group) {
        if (message == null) {
            return -1;
        }
        try (message) {
            return group.broadcast(message);
        }
    }
}
