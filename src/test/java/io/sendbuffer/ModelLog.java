/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.lincheck.SentMessages;
import java.util.ArrayList;
import java.util.List;

/** Specification: a list of messages, and for each subscriber the position of its next one. */
public class ModelLog {
    static final int MAX_MESSAGES = 8;
    private static final int NONE = -1;

    private final int maxHeld;
    private final SentMessages sent = new SentMessages();
    private final List<byte[]> messages = new ArrayList<>();
    private final int[] cursors = {NONE, NONE};
    private boolean leaves;
    private boolean closed;

    public ModelLog() {
        this(MAX_MESSAGES);
    }

    ModelLog(int maxHeld) {
        this.maxHeld = maxHeld;
    }

    public long append(int thread) {
        byte[] message = sent.next(thread);
        if (closed) {
            return BroadcastLog.CLOSED;
        }
        if (retained() == maxHeld) {
            return BroadcastLog.REFUSED;
        }
        messages.add(message);
        return messages.size() - 1L;
    }

    public long subscribe() {
        return subscribe(0);
    }

    public long subscribeOther() {
        return subscribe(1);
    }

    private long subscribe(int reader) {
        if (closed) {
            return BroadcastLog.CLOSED;
        }
        cursors[reader] = messages.size();
        return messages.size();
    }

    public void leave() {
        leaves = true;
    }

    public List<Byte> serve() {
        if (leaves && !isCut(0)) {
            cursors[0] = NONE;
        }
        return serve(0, leaves);
    }

    public List<Byte> serveOther() {
        return serve(1, false);
    }

    private List<Byte> serve(int reader, boolean leaving) {
        List<Byte> written = new ArrayList<>();
        if (cursors[reader] != NONE) {
            cursors[reader] = write(reader, cursors[reader], leaving, written);
        }
        return written;
    }

    boolean isCut(int reader) {
        return false;
    }

    /** Returns the position of the next message. */
    int write(int reader, int from, boolean leaving, List<Byte> written) {
        for (byte[] message : messages().subList(from, messages.size())) {
            for (byte value : message) {
                written.add(value);
            }
        }
        return messages.size();
    }

    List<byte[]> messages() {
        return messages;
    }

    public void close() {
        closed = true;
    }

    public long tail() {
        return messages.size();
    }

    public long retained() {
        long least = messages.size();
        for (int cursor : cursors) {
            least = cursor == NONE ? least : Math.min(least, cursor);
        }
        return messages.size() - least;
    }

    public long lag() {
        return cursors[0] == NONE ? 0 : messages.size() - cursors[0];
    }

    public static class ModelOfHeld extends ModelLog {
        static final int MAX_MESSAGES = 2;

        public ModelOfHeld() {
            super(MAX_MESSAGES);
        }
    }

    /** Writes what is left of a message, and the first byte of the next one. */
    public static class ModelOfCut extends ModelLog {
        private final boolean[] cut = new boolean[2];

        @Override
        boolean isCut(int reader) {
            return cut[reader];
        }

        @Override
        int write(int reader, int from, boolean leaving, List<Byte> written) {
            if (cut[reader]) {
                written.add(messages().get(from - 1)[1]);
                cut[reader] = false;
            }
            if (leaving || from == messages().size()) {
                return from;
            }
            written.add(messages().get(from)[0]);
            cut[reader] = true;
            return from + 1;
        }
    }

    /** Specification: the positions of what is appended. */
    public static class Positions {
        private long tail;
        private boolean closed;

        public long append(int thread) {
            return closed ? BroadcastLog.CLOSED : tail++;
        }

        public long subscribe() {
            return closed ? BroadcastLog.CLOSED : tail;
        }

        public long subscribeOther() {
            return subscribe();
        }

        public void leave() {
            // What is written is no result.
        }

        public List<Byte> serve() {
            return List.of();
        }

        public List<Byte> serveOther() {
            return List.of();
        }

        public void close() {
            closed = true;
        }
    }
}
