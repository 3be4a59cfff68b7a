/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the bytes of one client, and takes commands out of them: arrays of bulk strings, or a line of words. */
final class RespReader {
    private static final int INITIAL_BYTES = 1 << 10;
    private static final int MAX_LINE = 64 << 10;
    private static final int MAX_ARGUMENTS = 1 << 20;

    private final int maxBytes;
    private byte[] bytes = new byte[INITIAL_BYTES];
    private int start;
    private int end;

    /** Where the next byte of the command is that is being looked at. */
    private int at;

    /** What came is no command: the client gets the reason as an error, and is closed. */
    static final class ProtocolException extends Exception {
        private static final long serialVersionUID = 1L;

        ProtocolException(String message) {
            super(message);
        }
    }

    /** Takes commands of this many bytes at most. */
    RespReader(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** More bytes came. */
    void add(ByteBuffer received) throws ProtocolException {
        int count = received.remaining();
        if (end + count > bytes.length) {
            makeRoom(count);
        }
        received.get(bytes, end, count);
        end += count;
    }

    private void makeRoom(int count) throws ProtocolException {
        int length = end - start;
        if (length + count > maxBytes) {
            throw new ProtocolException("a command may have " + maxBytes + " bytes");
        }
        byte[] target = length + count <= bytes.length ? bytes : new byte[Math.min(maxBytes, 2 * (length + count))];
        System.arraycopy(bytes, start, target, 0, length);
        bytes = target;
        start = 0;
        end = length;
    }

    /** The words of the next command; null if it is not there whole. None for an empty line. */
    @Nullable
    List<byte[]> next() throws ProtocolException {
        if (start == end) {
            start = 0;
            end = 0;
            return null;
        }
        at = start;
        List<byte[]> command = bytes[start] == '*' ? array() : words();
        if (command != null) {
            start = at;
        }
        return command;
    }

    private @Nullable List<byte[]> array() throws ProtocolException {
        Integer count = number(MAX_ARGUMENTS, "invalid multibulk length");
        if (count == null) {
            return null;
        }
        List<byte[]> words = new ArrayList<>(Math.min(Math.max(0, count), 16));
        for (int i = 0; i < count; i++) {
            if (at < end && bytes[at] != '$') {
                throw new ProtocolException("expected '$', got '" + (char) bytes[at] + "'");
            }
            Integer length = number(maxBytes, "invalid bulk length");
            if (length == null || end - at < length + 2) {
                return null;
            }
            if (length < 0) {
                throw new ProtocolException("invalid bulk length");
            }
            words.add(Arrays.copyOfRange(bytes, at, at + length));
            at += length + 2;
        }
        return words;
    }

    /** The number of a line, behind its first byte; null if the line is not there whole. */
    private @Nullable Integer number(int max, String otherwise) throws ProtocolException {
        int lineEnd = lineEnd();
        if (lineEnd < 0) {
            return null;
        }
        String digits = new String(bytes, at + 1, lineEnd - at - 1, StandardCharsets.ISO_8859_1).strip();
        at = lineEnd + 1;
        try {
            int number = Integer.parseInt(digits);
            if (number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // reported below, as a number that is too large
        }
        throw new ProtocolException(otherwise);
    }

    private @Nullable List<byte[]> words() throws ProtocolException {
        int lineEnd = lineEnd();
        if (lineEnd < 0) {
            return null;
        }
        String line = new String(bytes, at, lineEnd - at, StandardCharsets.ISO_8859_1).strip();
        at = lineEnd + 1;
        List<byte[]> words = new ArrayList<>();
        for (String word : line.split(" +", -1)) {
            if (!word.isEmpty()) {
                words.add(word.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return words;
    }

    private int lineEnd() throws ProtocolException {
        for (int i = at; i < end; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        if (end - at > MAX_LINE) {
            throw new ProtocolException("too big inline request");
        }
        return -1;
    }
}
