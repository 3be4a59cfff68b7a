/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/**
 * JSON messages of one size, quotes whose prices move: made beforehand, so that making them costs no contender
 * anything, and sent in turn. All processes have the same.
 */
final class Payloads {
    static final int MIN_BYTES = 64;
    static final int MAX_BYTES = 16 << 10;

    private static final int COUNT = 1024;
    private static final int SEED = 42;
    private static final int FIRST_SEQUENCE = 1_000_000;
    private static final int SPREAD = 50;
    private static final int MAX_QUOTE = 64;
    private static final String[] SYMBOLS = {"ACME", "BOLT", "CRUX", "DUNE", "ECHO", "FLUX", "GRID", "HALO"};
    private static final String END_OF_QUOTES = "],\"hash\":\"";
    private static final int MIN_BYTES_OF_MANY = 256;

    private static final Map<Integer, Payloads> BY_SIZE = new ConcurrentHashMap<>();

    private final String[] texts = new String[COUNT];
    private final byte[][] utf8 = new byte[COUNT][];

    private Payloads(int bytes) {
        Random random = new Random(SEED);
        int cents = 400_000;
        for (int i = 0; i < COUNT; i++) {
            cents += random.nextInt(201) - 100;
            texts[i] = text(FIRST_SEQUENCE + i, bytes, cents, random);
            utf8[i] = texts[i].getBytes(StandardCharsets.US_ASCII);
        }
    }

    /**
     * Those of a size.
     *
     * @param bytes {@value MIN_BYTES} to {@value MAX_BYTES}
     */
    static Payloads of(int bytes) {
        if (bytes < MIN_BYTES || bytes > MAX_BYTES) {
            throw new IllegalArgumentException("no message has " + bytes + " bytes");
        }
        return BY_SIZE.computeIfAbsent(bytes, Payloads::new);
    }

    private static String text(int sequence, int bytes, int cents, Random random) {
        StringBuilder text = new StringBuilder(bytes).append("{\"seq\":").append(sequence);
        if (bytes < MIN_BYTES_OF_MANY) {
            quote(text.append(','), SYMBOLS[sequence % SYMBOLS.length], cents);
            digits(text.append(",\"v\":"), bytes - text.length() - 1, random);
            return text.append('}').toString();
        }
        text.append(",\"quotes\":[");
        for (int i = 0; text.length() + MAX_QUOTE + END_OF_QUOTES.length() + 2 <= bytes; i++) {
            quote(text.append(i == 0 ? "{" : ",{"), SYMBOLS[i % SYMBOLS.length], cents + random.nextInt(100_000));
            digits(text.append(",\"v\":"), 3, random);
            text.append('}');
        }
        digits(text.append(END_OF_QUOTES), bytes - text.length() - 2, random);
        return text.append("\"}").toString();
    }

    private static void quote(StringBuilder text, String symbol, int cents) {
        text.append("\"sym\":\"").append(symbol);
        price(text.append("\",\"bid\":"), cents);
        price(text.append(",\"ask\":"), cents + SPREAD);
    }

    private static void price(StringBuilder text, int cents) {
        text.append(cents / 100).append('.').append(cents / 10 % 10).append(cents % 10);
    }

    private static void digits(StringBuilder text, int count, Random random) {
        for (int i = 0; i < count; i++) {
            text.append((char) ('1' + random.nextInt(9)));
        }
    }

    /** Message n of those that are sent, from 0 on. */
    String text(long n) {
        return texts[(int) (n % COUNT)];
    }

    /** The same as UTF-8; not to be changed. */
    byte[] utf8(long n) {
        return utf8[(int) (n % COUNT)];
    }
}
