/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits a line that a human types into words: between spaces, or in double quotes with {@code \n}, {@code \x41} and
 * the like, or in single quotes. What follows a closing quote has to be a space.
 */
final class InlineWords {
    private static final int HEX = 16;

    private final byte[] line;
    private final int end;
    private final ByteArrayOutputStream word = new ByteArrayOutputStream();
    private int at;

    private InlineWords(byte[] line, int from, int end) {
        this.line = line;
        this.at = from;
        this.end = end;
    }

    /** The words; null if a quote is not closed, or something stands right behind one that is. */
    static @Nullable List<byte[]> split(byte[] line, int from, int end) {
        InlineWords rest = new InlineWords(line, from, end);
        List<byte[]> words = new ArrayList<>();
        while (rest.skipSpaces()) {
            if (!rest.takeWord()) {
                return null;
            }
            words.add(rest.word.toByteArray());
            rest.word.reset();
        }
        return words;
    }

    /** False at the end of the line. */
    private boolean skipSpaces() {
        while (at < end && isSpace(line[at])) {
            at++;
        }
        return at < end;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r');
    }

    private static boolean endsWord(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    private boolean takeWord() {
        while (at < end && !endsWord(line[at])) {
            byte b = line[at++];
            if (b == '"' || b == '\'') {
                return takeQuoted(b); // the closing quote ends the word
            }
            word.write(b);
        }
        return true;
    }

    private boolean takeQuoted(byte quote) {
        while (at < end) {
            byte b = line[at++];
            if (b == quote) {
                return at == end || isSpace(line[at]);
            }
            if (b != '\\' || at == end) {
                word.write(b);
            } else if (quote == '"') {
                takeEscaped();
            } else if (line[at] == '\'') {
                word.write(line[at++]);
            } else {
                word.write(b);
            }
        }
        return false;
    }

    private void takeEscaped() {
        byte b = line[at++];
        boolean isHex = b == 'x' && end - at >= 2 && hex(at) >= 0 && hex(at + 1) >= 0;
        if (isHex) {
            word.write(HEX * hex(at) + hex(at + 1));
            at += 2;
            return;
        }
        word.write(
                switch (b) {
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    case 'b' -> '\b';
                    case 'a' -> 7;
                    default -> b;
                });
    }

    private int hex(int index) {
        return Character.digit(line[index], HEX);
    }
}
