/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The limits of all classes of clients.
 *
 * @param replica for servers that copy another one; there are none here, so that it is only remembered
 * @param pubsub for clients that subscribe
 */
record OutputLimits(OutputLimit normal, OutputLimit replica, OutputLimit pubsub) {
    /** What the protocol's own server has. */
    static final OutputLimits DEFAULT = new OutputLimits(
            new OutputLimit(0, 0, 0), new OutputLimit(256 << 20, 64 << 20, 60), new OutputLimit(32 << 20, 8 << 20, 60));

    private static final int WORDS = 4;

    /** What is not right about limits; the message says it as the protocol's own server does. */
    static final class WrongLimits extends Exception {
        private static final long serialVersionUID = 1L;

        WrongLimits(String message) {
            super(message);
        }
    }

    OutputLimit of(boolean isSubscriber) {
        return isSubscriber ? pubsub : normal;
    }

    /** These, less those that a text replaces: {@code pubsub 32mb 8mb 60}, and perhaps more of that kind behind it. */
    OutputLimits with(String text) throws WrongLimits {
        List<String> words = text.isEmpty() ? List.of() : Arrays.asList(text.split(" ", -1));
        if (words.size() % WORDS != 0) {
            throw new WrongLimits("Wrong number of arguments in buffer limit configuration.");
        }
        OutputLimits changed = this;
        for (int i = 0; i < words.size(); i += WORDS) {
            changed = changed.with(words.get(i).toLowerCase(Locale.ROOT), words.subList(i + 1, i + WORDS));
        }
        return changed;
    }

    private OutputLimits with(String name, List<String> words) throws WrongLimits {
        if (!List.of("normal", "slave", "replica", "pubsub").contains(name)) {
            throw new WrongLimits("Invalid client class specified in buffer limit configuration.");
        }
        OutputLimit limit = OutputLimit.parse(words);
        if (limit == null) {
            throw new WrongLimits("Error in hard, soft or soft_seconds setting in buffer limit configuration.");
        }
        return switch (name) {
            case "normal" -> new OutputLimits(limit, replica, pubsub);
            case "pubsub" -> new OutputLimits(normal, replica, limit);
            default -> new OutputLimits(normal, limit, pubsub);
        };
    }

    /** As the configuration shows it. */
    @Override
    public String toString() {
        return "normal " + normal + " slave " + replica + " pubsub " + pubsub;
    }
}
