/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** What is wrong with a command, as the protocol's own server says it, in one line. */
final class Errors {
    private static final int MAX_TEXT = 128;

    private Errors() {}

    static String of(String text) {
        return "-ERR " + text.replace('\r', ' ').replace('\n', ' ');
    }

    static String wrongNumber(String name) {
        return of("wrong number of arguments for '" + name + "' command");
    }

    static String unknown(List<byte[]> command) {
        StringBuilder begin = new StringBuilder();
        for (int i = 1; i < command.size() && begin.length() < MAX_TEXT; i++) {
            String text = text(command.get(i), MAX_TEXT - begin.length());
            begin.append('\'').append(text).append("' ");
        }
        return of("unknown command '" + text(command.get(0), MAX_TEXT) + "', with args beginning with: " + begin);
    }

    static String unknownSubcommand(List<byte[]> command) {
        return of("unknown subcommand '" + text(command.get(1), MAX_TEXT) + "'. Try CONFIG HELP.");
    }

    /** Up to a zero byte, as in C. */
    private static String text(byte[] word, int max) {
        int length = 0;
        while (length < word.length && length < max && word[length] != 0) {
            length++;
        }
        return new String(word, 0, length, StandardCharsets.ISO_8859_1);
    }
}
