/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What CONFIG shows and changes: the limits, and two settings that benchmarks ask for and nobody changes. */
final class Configuration {
    private static final String LIMITS = "client-output-buffer-limit";
    private static final List<String> NAMES = List.of(LIMITS, "save", "appendonly");
    private static final Pattern IS_PATTERN = Pattern.compile("[\\[*?]");

    private OutputLimits limits = OutputLimits.DEFAULT;

    OutputLimits limits() {
        return limits;
    }

    /** Names and values, in turns, of the settings that have one of these names or patterns. */
    List<String> get(List<String> asked) {
        Map<String, String> shown = new LinkedHashMap<>(); // by name, and as it was asked for
        for (String text : asked) {
            String lower = text.toLowerCase(Locale.ROOT);
            if (!IS_PATTERN.matcher(text).find()) {
                if (NAMES.contains(lower)) {
                    shown.putIfAbsent(lower, text);
                }
            } else {
                NAMES.stream().filter(name -> Glob.matches(lower, name)).forEach(name -> shown.putIfAbsent(name, name));
            }
        }
        List<String> answer = new ArrayList<>();
        shown.forEach((name, text) -> {
            answer.add(text);
            answer.add(valueOf(name));
        });
        return answer;
    }

    private String valueOf(String name) {
        return switch (name) {
            case LIMITS -> limits.toString();
            case "appendonly" -> "no";
            default -> "";
        };
    }

    /**
     * Changes what names and values in turns say: all of it, or nothing.
     *
     * @return what is wrong; null if it is done
     */
    @Nullable
    String set(List<String> pairs) {
        if (pairs.size() % 2 != 0) {
            return "syntax error";
        }
        String value = null;
        for (int i = 0; i < pairs.size(); i += 2) {
            String name = pairs.get(i).toLowerCase(Locale.ROOT);
            if (!NAMES.contains(name)) {
                return "Unknown option or number of arguments for CONFIG SET - '" + pairs.get(i) + "'";
            }
            if (!name.equals(LIMITS)) {
                return failed(name, "can't set immutable config");
            }
            if (value != null) {
                return failed(name, "duplicate parameter");
            }
            value = pairs.get(i + 1);
        }
        try {
            limits = limits.with(value == null ? "" : value);
            return null;
        } catch (OutputLimits.WrongLimits e) {
            return failed(LIMITS, String.valueOf(e.getMessage()));
        }
    }

    private static String failed(String name, String why) {
        return "CONFIG SET failed (possibly related to argument '" + name + "') - " + why;
    }
}
