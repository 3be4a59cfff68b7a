/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The options of a sample, {@code --name value}: only known ones, each within its range. */
public final class CommandLine {
    private final Map<String, String> values = new HashMap<>();

    private CommandLine() {}

    /** An argument is wrong; the message is one line that says what is valid. */
    public static final class WrongArgument extends Exception {
        private static final long serialVersionUID = 1L;

        WrongArgument(String message) {
            super(message);
        }
    }

    /** True if {@code --help} is anywhere among the arguments. */
    public static boolean asksForHelp(String[] args) {
        return List.of(args).contains("--help");
    }

    /**
     * Parses the arguments.
     *
     * @param options the names of the known options, with their dashes; each takes a value
     */
    public static CommandLine parse(String[] args, List<String> options) throws WrongArgument {
        CommandLine line = new CommandLine();
        for (int i = 0; i < args.length; i += 2) {
            if (!options.contains(args[i])) {
                throw new WrongArgument(
                        "unknown option " + args[i] + "; there are " + String.join(", ", options) + ", --help");
            }
            if (i + 1 == args.length) {
                throw new WrongArgument(args[i] + " needs a value");
            }
            line.values.put(args[i], args[i + 1]);
        }
        return line;
    }

    /** The value of an option that is a whole number, or its default. */
    public int number(String option, int otherwise, int min, int max) throws WrongArgument {
        String value = values.get(option);
        if (value == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // reported below, together with a number that is out of range
        }
        throw new WrongArgument(
                String.format(Locale.ROOT, "%s must be a whole number from %d to %d, was %s", option, min, max, value));
    }

    /** The value of an option, or its default. */
    public String text(String option, String otherwise) {
        return values.getOrDefault(option, otherwise);
    }
}
