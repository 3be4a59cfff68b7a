/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

/** Patterns as PSUBSCRIBE has them: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a]}, and a backslash before each. */
final class Glob {
    private Glob() {}

    /** True if the whole text has the pattern. */
    static boolean matches(String pattern, String text) {
        return matches(pattern, 0, text, 0);
    }

    private static boolean matches(String pattern, int p, String text, int t) {
        int at = t;
        for (int i = p; i < pattern.length(); ) {
            char c = pattern.charAt(i);
            if (c == '*') {
                return matchesRest(pattern, i + 1, text, at);
            }
            if (at == text.length()) {
                return false;
            }
            if (c == '[') {
                int close = closeOf(pattern, i);
                if (!isInClass(pattern, i + 1, close, text.charAt(at))) {
                    return false;
                }
                i = close + 1;
            } else {
                boolean quoted = c == '\\' && i + 1 < pattern.length();
                char wanted = quoted ? pattern.charAt(i + 1) : c;
                if ((c != '?' || quoted) && wanted != text.charAt(at)) {
                    return false;
                }
                i += quoted ? 2 : 1;
            }
            at++;
        }
        return at == text.length();
    }

    private static boolean matchesRest(String pattern, int p, String text, int t) {
        if (p == pattern.length()) {
            return true;
        }
        for (int from = t; from <= text.length(); from++) {
            if (matches(pattern, p, text, from)) {
                return true;
            }
        }
        return false;
    }

    /** The place of the bracket that closes a class; the end of the pattern if there is none. */
    private static int closeOf(String pattern, int open) {
        int close = pattern.indexOf(']', open + 1);
        return close < 0 ? pattern.length() : close;
    }

    private static boolean isInClass(String pattern, int from, int to, char c) {
        boolean negated = from < to && pattern.charAt(from) == '^';
        boolean found = false;
        for (int i = negated ? from + 1 : from; i < to; i++) {
            boolean isRange = i + 2 < to && pattern.charAt(i + 1) == '-';
            char last = isRange ? pattern.charAt(i + 2) : pattern.charAt(i);
            found |= c >= pattern.charAt(i) && c <= last;
            i += isRange ? 2 : 0;
        }
        return found != negated;
    }
}
