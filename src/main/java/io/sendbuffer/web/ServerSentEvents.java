/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.internal.Checks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes server-sent events ({@code text/event-stream}), to be shared by any number of clients, and released by the
 * caller.
 */
public final class ServerSentEvents {
    private static final String DATA = "data: ";
    private static final String NAME = "event: ";
    private static final String ID = "id: ";

    private ServerSentEvents() {}

    /** Makes an event of data alone; see {@link #event(SendBufferPool, CharSequence, CharSequence, CharSequence)}. */
    public static SendBuffer event(SendBufferPool pool, CharSequence data) {
        return event(pool, null, null, data);
    }

    /**
     * Makes an event.
     *
     * @param name what {@code addEventListener} takes; null for {@code onmessage}
     * @param id what a client that comes again says in {@code Last-Event-ID}; null for none
     * @param data a field for each of its lines, however they end: a client puts LF between them
     * @throws IllegalArgumentException if the name or the id has a line break or a NUL
     */
    public static SendBuffer event(
            SendBufferPool pool, @Nullable CharSequence name, @Nullable CharSequence id, CharSequence data) {
        requireOneLine(name);
        requireOneLine(id);
        int length = fieldLength(NAME, name) + fieldLength(ID, id) + dataLength(data) + 1;
        SendBuffer event = pool.acquire(length);
        try {
            putField(event, NAME, name);
            putField(event, ID, id);
            for (int start = 0; start <= data.length(); ) {
                int end = endOfLine(data, start);
                event.putAscii(DATA).putUtf8(lineOf(data, start, end)).putByte('\n');
                start = behindBreak(data, end);
            }
            return event.putByte('\n').seal();
        } catch (Throwable e) {
            event.release();
            throw e;
        }
    }

    /** Makes a comment, which clients ignore: a heartbeat. */
    public static SendBuffer comment(SendBufferPool pool, CharSequence text) {
        requireOneLine(text);
        return line(pool, ":", text);
    }

    /**
     * Makes a field that says how long a client waits before it connects again.
     *
     * @param time 0 to 1 day
     */
    public static SendBuffer retry(SendBufferPool pool, Duration time) {
        Checks.inRange("milliseconds", time.toMillis(), 0, Duration.ofDays(1).toMillis());
        return line(pool, "retry: ", Long.toString(time.toMillis()));
    }

    private static SendBuffer line(SendBufferPool pool, String field, CharSequence value) {
        SendBuffer line = pool.acquire(fieldLength(field, value) + 1);
        try {
            putField(line, field, value);
            return line.putByte('\n').seal();
        } catch (Throwable e) {
            line.release();
            throw e;
        }
    }

    /** The event with the text of a WebSocket frame as its data. */
    static SendBuffer ofFrame(SendBufferPool pool, SendBuffer frame) {
        int from = WebSocketFrames.payloadOf(frame);
        int length = 1;
        for (int start = from; start <= frame.length(); ) {
            int end = endOfLine(frame, start);
            length += DATA.length() + end - start + 1;
            start = behindBreak(frame, end);
        }
        SendBuffer event = pool.acquire(length);
        try {
            for (int start = from; start <= frame.length(); ) {
                int end = endOfLine(frame, start);
                event.putAscii(DATA).putBytes(frame, start, end - start).putByte('\n');
                start = behindBreak(frame, end);
            }
            return event.putByte('\n').seal();
        } catch (Throwable e) {
            event.release();
            throw e;
        }
    }

    private static int dataLength(CharSequence data) {
        int length = 0;
        for (int start = 0; start <= data.length(); ) {
            int end = endOfLine(data, start);
            length += DATA.length() + SendBuffer.utf8Length(lineOf(data, start, end)) + 1;
            start = behindBreak(data, end);
        }
        return length;
    }

    private static CharSequence lineOf(CharSequence data, int start, int end) {
        return start == 0 && end == data.length() ? data : data.subSequence(start, end);
    }

    private static int endOfLine(CharSequence data, int start) {
        int end = start;
        while (end < data.length() && data.charAt(end) != '\n' && data.charAt(end) != '\r') {
            end++;
        }
        return end;
    }

    private static int behindBreak(CharSequence data, int end) {
        boolean isCrLf = end + 1 < data.length() && data.charAt(end) == '\r' && data.charAt(end + 1) == '\n';
        return end + (isCrLf ? 2 : 1);
    }

    private static int endOfLine(SendBuffer frame, int start) {
        int end = start;
        while (end < frame.length() && frame.getByte(end) != '\n' && frame.getByte(end) != '\r') {
            end++;
        }
        return end;
    }

    private static int behindBreak(SendBuffer frame, int end) {
        boolean isCrLf = end + 1 < frame.length() && frame.getByte(end) == '\r' && frame.getByte(end + 1) == '\n';
        return end + (isCrLf ? 2 : 1);
    }

    private static int fieldLength(String field, @Nullable CharSequence value) {
        return value == null ? 0 : field.length() + SendBuffer.utf8Length(value) + 1;
    }

    private static void putField(SendBuffer event, String field, @Nullable CharSequence value) {
        if (value != null) {
            event.putAscii(field).putUtf8(value).putByte('\n');
        }
    }

    private static void requireOneLine(@Nullable CharSequence value) {
        for (int i = 0; value != null && i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\n' || c == '\r' || c == 0) {
                throw new IllegalArgumentException("a field of an event has one line, and no NUL: only data has more");
            }
        }
    }
}
