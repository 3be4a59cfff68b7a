/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The lines of a text that hold code, without their comments, and where each of them is. */
final class CodeLines {
    /** Not past a quote: the slashes may be in a string. */
    private static final Pattern COMMENT_AT_END = Pattern.compile("\\s*//[^\"]*$");

    private final List<String> code = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();

    /** From the start of a first line to after the end of a last one, in characters. */
    record Place(int start, int end) {}

    CodeLines(String text) {
        int start = 0;
        while (start < text.length()) {
            int newLine = text.indexOf('\n', start);
            int end = newLine < 0 ? text.length() : newLine + 1;
            String line = text.substring(start, end).stripTrailing();
            if (isCode(line.strip())) {
                code.add(COMMENT_AT_END.matcher(line).replaceFirst(""));
                places.add(new Place(start, end));
            }
            start = end;
        }
    }

    private static boolean isCode(String line) {
        return !line.isEmpty() && !line.startsWith("//") && !line.startsWith("/*") && !line.startsWith("*");
    }

    /** Where these lines follow each other, with or without comments between them. */
    List<Place> find(CodeLines sought) {
        List<Place> found = new ArrayList<>();
        int count = sought.code.size();
        for (int i = 0; count > 0 && i + count <= code.size(); i++) {
            if (code.subList(i, i + count).equals(sought.code)) {
                found.add(new Place(
                        places.get(i).start(), places.get(i + count - 1).end()));
            }
        }
        return found;
    }
}
