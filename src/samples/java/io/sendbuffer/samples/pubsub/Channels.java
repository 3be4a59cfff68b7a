/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which clients subscribe to which channels and patterns. A message is written once for the subscribers of its channel,
 * and once for those of each pattern. Everything runs on the loop's thread. Each client gets messages in the order in
 * which they were published, whatever their channels.
 */
final class Channels {
    private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PATTERN_MESSAGE = "pmessage".getBytes(StandardCharsets.US_ASCII);

    /** As much as the protocol's own server reads at once. */
    private static final int MAX_PENDING_BYTES = 16 << 10;

    private final Reply reply;
    private final PrintStream console;
    private final Map<String, SessionGroup> channels = new HashMap<>();
    private final Map<String, SessionGroup> patterns = new HashMap<>();

    /** Messages one after the other to the same group, which go out together: most of a pipeline. */
    private final SendBatch pending = new SendBatch();

    private @Nullable SessionGroup pendingGroup;
    private long maxMessageBytes;

    Channels(Reply reply, PrintStream console) {
        this.reply = reply;
        this.console = console;
        limit(OutputLimits.DEFAULT.pubsub());
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

    // ---- messages

    /** From now on subscribers are closed for a message that is larger than their hard limit. */
    void limit(OutputLimit limit) {
        maxMessageBytes = limit.toQueueLimits().maxQueuedBytes();
    }

    /** Returns how many get the message, soon; -1 if the pool is exhausted. */
    int publish(byte[] channel, byte[] payload) {
        String name = new String(channel, StandardCharsets.ISO_8859_1);
        SessionGroup group = channels.get(name);
        int receivers = 0;
        if (group != null) {
            receivers = add(reply.bulks(MESSAGE, channel, payload), group);
        }
        for (Map.Entry<String, SessionGroup> pattern : patterns.entrySet()) {
            if (receivers >= 0 && Glob.matches(pattern.getKey(), name)) {
                byte[] text = pattern.getKey().getBytes(StandardCharsets.ISO_8859_1);
                int more = add(reply.bulks(PATTERN_MESSAGE, text, channel, payload), pattern.getValue());
                receivers = more < 0 ? -1 : receivers + more;
            }
        }
        return receivers;
    }

    private int add(@Nullable SendBuffer message, SessionGroup group) {
        if (message == null) {
            return -1;
        }
        try (message) {
            int bytes = message.length();
            if (group != pendingGroup || pending.bytes() + bytes > Math.min(MAX_PENDING_BYTES, maxMessageBytes)) {
                flush();
            }
            int count = group.size();
            if (bytes > maxMessageBytes) {
                close(group, bytes);
            } else {
                pending.add(message);
                pendingGroup = group;
            }
            return count;
        }
    }

    /** It would never fit: a client that missed it and got those behind it would not know. */
    private void close(SessionGroup group, int bytes) {
        group.forEach(session -> {
            console.println(session.remoteAddress() + ": a message of " + bytes + " bytes is beyond the hard limit");
            session.abort();
        });
    }

    /** Sends what was published and waits. */
    void flush() {
        SessionGroup group = pendingGroup;
        if (group != null) {
            pendingGroup = null;
            try (pending) {
                group.broadcast(pending.seal());
            }
        }
    }
}
