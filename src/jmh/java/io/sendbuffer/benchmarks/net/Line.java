/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.util.LinkedHashMap;
import java.util.Map;

/** A line of the protocol between two processes: {@code name key=value key=value}, without spaces in a value. */
public record Line(String name, Map<String, String> values) {
    static final String MARK = "> ";

    public static Line of(String name) {
        return new Line(name, new LinkedHashMap<>());
    }

    public static Line parse(String text) {
        String[] words = text.trim().split(" ", -1);
        Line line = of(words[0]);
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            if (equals > 0) {
                line.values.put(words[i].substring(0, equals), words[i].substring(equals + 1));
            }
        }
        return line;
    }

    public Line with(String key, Object value) {
        values.put(key, String.valueOf(value).replace(' ', '_'));
        return this;
    }

    /** Sends it to the process that started this one. Lines that the JVM itself prints have no such mark. */
    public void say() {
        System.out.println(MARK + this);
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    public String text(String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("no " + key + " in: " + this);
        }
        return value;
    }

    public int number(String key) {
        return Integer.parseInt(text(key));
    }

    public long longNumber(String key) {
        return Long.parseLong(text(key));
    }

    public double real(String key) {
        return Double.parseDouble(text(key));
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name);
        values.forEach((key, value) -> text.append(' ').append(key).append('=').append(value));
        return text.toString();
    }
}
