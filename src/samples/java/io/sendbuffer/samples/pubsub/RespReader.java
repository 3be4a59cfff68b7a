/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects the bytes of one client, and takes commands out of them: arrays of bulk strings, or a line of words. Looks
 * at each byte once, in whatever pieces a command comes.
 */
final class RespReader {
    private static final int INITIAL_BYTES = 1 << 10;
    private static final int USUAL_BYTES = 64 << 10;
    private static final int MAX_LINE = 64 << 10;
    private static final int MAX_ARGUMENTS = 1 << 20;
    private static final int MAX_DIGITS = 18;
    private static final long NO_NUMBER = Long.MIN_VALUE;
    private static final int UNKNOWN = -1;

    private final int maxBytes;
    private byte[] bytes = new byte[INITIAL_BYTES];
    private int start;
    private int end;

    /** What ends a line does not come before. */
    private int scanned;

    // The array that is coming.
    private List<byte[]> words = new ArrayList<>();
    private int missingWords;
    private int wordLength = UNKNOWN;
    private long bytesOfWords;

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
        if (bytesOfWords + length + count > maxBytes) {
            throw new ProtocolException("a command may have " + maxBytes + " bytes");
        }
        byte[] target = length + count <= bytes.length ? bytes : new byte[Math.min(maxBytes, 2 * (length + count))];
        System.arraycopy(bytes, start, target, 0, length);
        bytes = target;
        scanned -= start;
        start = 0;
        end = length;
    }

    /** The words of the next command; null if it is not there whole. None for an empty line or array. */
    @Nullable
    List<byte[]> next() throws ProtocolException {
        if (missingWords > 0) {
            return array();
        }
        if (start == end) {
            rewind();
            return null;
        }
        if (bytes[start] != '*') {
            return line();
        }
        long count = number(MAX_ARGUMENTS, "too big mbulk count string", "invalid multibulk length");
        if (count == NO_NUMBER) {
            return null;
        }
        missingWords = (int) Math.max(0, count);
        return array();
    }

    /** All is executed: gives back what a large command took. */
    private void rewind() {
        start = 0;
        end = 0;
        scanned = 0;
        if (bytes.length > USUAL_BYTES) {
            bytes = new byte[INITIAL_BYTES];
        }
    }

    private @Nullable List<byte[]> array() throws ProtocolException {
        while (missingWords > 0) {
            if (wordLength == UNKNOWN) {
                long length = wordLength();
                if (length == NO_NUMBER) {
                    return null;
                }
                wordLength = (int) length;
            }
            if (end - start < wordLength + 2) {
                return null;
            }
            words.add(Arrays.copyOfRange(bytes, start, start + wordLength));
            bytesOfWords += wordLength;
            start += wordLength + 2;
            scanned = start;
            wordLength = UNKNOWN;
            missingWords--;
        }
        List<byte[]> command = words;
        words = new ArrayList<>();
        bytesOfWords = 0;
        return command;
    }

    private long wordLength() throws ProtocolException {
        int kind = start < end ? bytes[start] : '$';
        long length =
                number(maxBytes, "too big bulk count string", kind == '$' ? "invalid bulk length" : expected(kind));
        if (length != NO_NUMBER && (length < 0 || kind != '$')) {
            throw new ProtocolException(kind == '$' ? "invalid bulk length" : expected(kind));
        }
        return length;
    }

    private static String expected(int kind) {
        return "expected '$', got '" + (char) (kind & 0xff) + "'";
    }

    /** The number of a line, behind its first byte, or {@link #NO_NUMBER} if the line is not there whole. */
    private long number(int max, String tooLong, String otherwise) throws ProtocolException {
        int lineEnd = endOfLine('\r', tooLong);
        if (lineEnd < 0 || lineEnd + 1 == end) { // what follows the CR counts as LF
            return NO_NUMBER;
        }
        long number = parse(start + 1, lineEnd);
        if (number == NO_NUMBER || number > max) {
            throw new ProtocolException(otherwise);
        }
        start = lineEnd + 2;
        scanned = start;
        return number;
    }

    /** Of digits alone, with no zero before them. */
    private long parse(int from, int to) {
        boolean isNegative = from < to && bytes[from] == '-';
        int first = isNegative ? from + 1 : from;
        int digits = to - first;
        boolean hasZeroBefore = digits > 0 && bytes[first] == '0' && (digits > 1 || isNegative);
        if (digits < 1 || digits > MAX_DIGITS || hasZeroBefore) {
            return NO_NUMBER;
        }
        long number = 0;
        for (int i = first; i < to; i++) {
            if (bytes[i] < '0' || bytes[i] > '9') {
                return NO_NUMBER;
            }
            number = 10 * number + bytes[i] - '0';
        }
        return isNegative ? -number : number;
    }

    private @Nullable List<byte[]> line() throws ProtocolException {
        int lineEnd = endOfLine('\n', "too big inline request");
        if (lineEnd < 0) {
            return null;
        }
        List<byte[]> command = InlineWords.split(bytes, start, lineEnd);
        if (command == null) {
            throw new ProtocolException("unbalanced quotes in request");
        }
        start = lineEnd + 1;
        scanned = start;
        return command;
    }

    private int endOfLine(char last, String tooLong) throws ProtocolException {
        for (int i = scanned; i < end; i++) {
            if (bytes[i] == last) {
                scanned = i;
                return i;
            }
        }
        scanned = end;
        if (end - start > MAX_LINE) {
            throw new ProtocolException(tooLong);
        }
        return -1;
    }
}
