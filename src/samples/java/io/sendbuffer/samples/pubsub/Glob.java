/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

/**
 * Patterns as PSUBSCRIBE has them: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a]}, and a backslash before each.
 * Takes at most the product of the two lengths in steps, whatever a client asks for.
 */
final class Glob {
    private Glob() {}

    /** True if the whole text has the pattern. */
    static boolean matches(String pattern, String text) {
        if (text.isEmpty()) {
            return pattern.isEmpty(); // no star stands for an empty text, though it does for an empty part of one
        }
        int p = 0;
        int t = 0;
        int afterStar = -1;
        int starText = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                afterStar = ++p;
                starText = t;
                continue;
            }
            int next = p < pattern.length() ? afterOne(pattern, p, text.charAt(t)) : -1;
            if (next >= 0) {
                p = next;
                t++;
            } else if (afterStar >= 0) { // only the last star need take more: those before it have taken the least
                p = afterStar;
                t = ++starText;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** Where the pattern continues behind what stands for one character; -1 if it does not stand for this one. */
    private static int afterOne(String pattern, int p, char c) {
        char first = pattern.charAt(p);
        if (first == '[') {
            return afterClass(pattern, p + 1, c);
        }
        boolean quoted = first == '\\' && p + 1 < pattern.length();
        char wanted = quoted ? pattern.charAt(p + 1) : first;
        boolean matches = wanted == c || (first == '?' && !quoted);
        return matches ? p + (quoted ? 2 : 1) : -1;
    }

    /** A class that nothing closes goes to the end of the pattern. */
    private static int afterClass(String pattern, int from, char c) {
        int length = pattern.length();
        boolean negated = from < length && pattern.charAt(from) == '^';
        boolean found = false;
        int p = negated ? from + 1 : from;
        while (p < length && pattern.charAt(p) != ']') {
            char low = pattern.charAt(p);
            if (low == '\\' && p + 1 < length) {
                found |= pattern.charAt(p + 1) == c;
                p += 2;
            } else if (p + 2 < length && pattern.charAt(p + 1) == '-') {
                char high = pattern.charAt(p + 2);
                found |= c >= Math.min(low, high) && c <= Math.max(low, high);
                p += 3;
            } else {
                found |= low == c;
                p++;
            }
        }
        return found == negated ? -1 : Math.min(p + 1, length);
    }
}
