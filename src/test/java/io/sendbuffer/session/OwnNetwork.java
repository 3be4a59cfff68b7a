/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A process with a network of its own, a namespace of Linux with nothing but a loopback: what it sets there, no other
 * process sees. The kernel has to permit it.
 */
final class OwnNetwork {
    /** A setting of a network: how much of a socket's send buffer may be unsent before it is not writable. */
    static final String UNSENT_LIMIT = "/proc/sys/net/ipv4/tcp_notsent_lowat";

    /** What goes before a command that is to run in it. */
    static final List<String> PREFIX =
            List.of("unshare", "--map-root-user", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh");

    private OwnNetwork() {}

    /** True if a process in it may change its settings. */
    static boolean isPermitted() throws InterruptedException {
        List<String> command = new ArrayList<>(PREFIX);
        command.addAll(List.of("sh", "-c", "cat " + UNSENT_LIMIT + " > /dev/null && echo 16384 > " + UNSENT_LIMIT));
        try {
            Process attempt = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return attempt.waitFor() == 0;
        } catch (IOException e) {
            return false; // no such command: not Linux
        }
    }
}
