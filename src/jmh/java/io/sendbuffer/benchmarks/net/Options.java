/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Options of a command line, {@code --name value} each, or {@code --name} alone. */
public final class Options {
    private final Map<String, String> values = new LinkedHashMap<>();

    /** One line for the user that says what is wrong. */
    public static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        public Wrong(String message) {
            super(message);
        }
    }

    private Options() {}

    public static Options parse(String[] args, Set<String> withValue, Set<String> alone) throws Wrong {
        Options options = new Options();
        for (int i = 0; i < args.length; i++) {
            if (alone.contains(args[i])) {
                options.values.put(args[i], "");
            } else if (!withValue.contains(args[i])) {
                throw new Wrong("unknown option " + args[i] + "; there are " + String.join(" ", withValue) + " "
                        + String.join(" ", alone));
            } else if (i + 1 == args.length) {
                throw new Wrong(args[i] + " needs a value");
            } else {
                options.values.put(args[i], args[++i]);
            }
        }
        return options;
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    public String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    public List<String> list(String name, List<String> otherwise) {
        String value = values.get(name);
        return value == null ? otherwise : Arrays.asList(value.split(",", -1));
    }

    public int number(String name, int otherwise, int min, int max) throws Wrong {
        return toNumber(name, text(name, String.valueOf(otherwise)), min, max);
    }

    public List<Integer> numbers(String name, List<Integer> otherwise, int min, int max) throws Wrong {
        if (!has(name)) {
            return otherwise;
        }
        Integer[] numbers = new Integer[list(name, List.of()).size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = toNumber(name, list(name, List.of()).get(i), min, max);
        }
        return List.of(numbers);
    }

    private static int toNumber(String name, String text, int min, int max) throws Wrong {
        try {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // the same message as for one out of range
        }
        throw new Wrong(name + " takes numbers from " + min + " to " + max + ", not " + text);
    }

    /** Modes by their names. */
    public List<Mode> modes(String name, List<Mode> otherwise) throws Wrong {
        try {
            return has(name) ? list(name, List.of()).stream().map(Mode::parse).toList() : otherwise;
        } catch (IllegalArgumentException e) {
            throw new Wrong(name + ": " + e.getMessage());
        }
    }

    /** Contenders by their names. */
    public List<String> contenders(String name, List<String> otherwise) throws Wrong {
        List<String> contenders = list(name, otherwise);
        for (String contender : contenders) {
            if (!Contenders.ALL.contains(contender)) {
                throw new Wrong(
                        name + ": no contender " + contender + "; there are " + String.join(",", Contenders.ALL));
            }
        }
        return contenders;
    }
}
