/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What {@link RedisAnswersIT} asks. A character is a byte. */
final class RedisInputs {
    private static final String LIMITS = "client-output-buffer-limit";
    private static final String DEFAULTS =
            command("CONFIG", "SET", LIMITS, "normal 0 0 0 slave 256mb 64mb 60 pubsub 32mb 8mb 60");

    private RedisInputs() {}

    /**
     * What is answered otherwise.
     *
     * @param answer how ours begins
     */
    record Different(String input, String answer, String reason) {}

    /** An array of bulk strings. */
    static String command(String... words) {
        StringBuilder command = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            command.append("$" + word.length() + "\r\n" + word + "\r\n");
        }
        return command.toString();
    }

    static List<Different> different() {
        String unknown = "-ERR unknown command ";
        return List.of(
                new Different(
                        "*1\r\n$536870912\r\n",
                        "-ERR Protocol error: invalid bulk length\r\n",
                        "a command has 64 MiB at most, not 512: it is on the heap"),
                new Different(
                        "*1048577\r\n",
                        "-ERR Protocol error: invalid multibulk length\r\n",
                        "a command has a million words at most, not two thousand million"),
                new Different(
                        "PI\u0000NG\r\n", unknown + "'PI'", "Redis ends a line at a zero byte, and waits for ever"),
                new Different("\u0000\r\n", unknown + "''", "likewise"),
                new Different(
                        command("CONFIG", "SET", LIMITS, "pubsub 1 2 3\u0000") + DEFAULTS,
                        "-ERR CONFIG SET failed",
                        "Redis ends a number at a zero byte"),
                new Different(command("GET", "x"), unknown, "no data is stored here"),
                new Different(command("SUBSCRIBE", "a") + command("GET", "x"), "*3\r\n", "likewise"),
                new Different(command("COMMAND", "COUNT"), "*0\r\n", "a client that asks gets nothing, and goes on"),
                new Different(command("CLIENT", "nosuch"), "+OK\r\n", "a client may have any name and library"),
                new Different(command("HELLO", "3"), unknown, "this protocol's version 2 alone"),
                new Different(command("PUBSUB", "CHANNELS"), unknown, "not what the sample is for"),
                new Different(command("SSUBSCRIBE", "a"), unknown, "there is no cluster"),
                new Different(command("CONFIG", "SET", "save", ""), "-ERR CONFIG SET failed", "nothing is saved"),
                new Different(command("CONFIG", "GET", "maxmemory"), "*0\r\n", "the limits are what is configured"));
    }

    static List<String> same() {
        List<String> inputs = new ArrayList<>();
        lines(inputs);
        arrays(inputs);
        unknownCommands(inputs);
        publishAndSubscribe(inputs);
        whileSubscribed(inputs);
        configuration(inputs);
        limits(inputs);
        return inputs;
    }

    private static void lines(List<String> inputs) {
        inputs.addAll(List.of(
                "PING\r\n",
                "PING\n",
                "ping  you \r\n",
                "  PING\r\n",
                "PING\tx\r\n",
                "PING\u000b\fx\r\n",
                "\r\nPING\r\n",
                "\n\n",
                "   \r\n",
                "PING \"a b\"\r\n",
                "PING \"\\x41\\n\\t\\a\\b\\r\\\"q\\x4\\xzz\"\r\n",
                "PING 'it\\'s \\n'\r\n",
                "PING \"a\r\n",
                "PING 'a\r\n",
                "PING \"a\\\r\n",
                "PING 'a'b\r\n",
                "PING \"a\"b\r\n",
                "PING a\"b\"\r\n",
                "PING a\"b\" \r\n",
                "PING ''\r\n",
                "PING \"\" \"\"\r\n",
                "QUIT\r\nPING\r\n",
                "$4\r\nPING\r\n",
                "+OK\r\n",
                ":1\r\n",
                "-ERR\r\n",
                "\u00ff\u00fe\r\n",
                "PUBLISH a 'b c'\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST / HTTP/1.1\r\n",
                "Host: x\r\n"));
    }

    private static void arrays(List<String> inputs) {
        inputs.addAll(List.of(
                command("PING"),
                command("ping", "hi"),
                command("PING", ""),
                command("PING", "a", "b"),
                command("PING", "\u0000\u00ff\r\n"),
                command("PING", "x".repeat(100_000)),
                "*0\r\n",
                "*-1\r\n",
                "*-10\r\n",
                "*-99999999999\r\n",
                "*1\r\n$4\r\nPINGxx",
                "*1\rx$4\rxPING\rx",
                "*x\r\n",
                "*\r\n",
                "* 1\r\n$4\r\nPING\r\n",
                "*01\r\n$4\r\nPING\r\n",
                "*+1\r\n$4\r\nPING\r\n",
                "*-0\r\n",
                "*1\r\n$04\r\nPING\r\n",
                "*1\r\n$ 4\r\nPING\r\n",
                "*1\n$4\nPING\n",
                "*1\r\n:1\r\n",
                "*1\r\n\u00ff1\r\n",
                "*1\r\nGET / HTTP/1.1\r\n",
                "*1\r\n$-1\r\n",
                "*1\r\n$x\r\n",
                "*1\r\n$\r\n",
                "*1\r\n$536870913\r\n",
                "*1\r\n$2147483647\r\n",
                "*1\r\n$99999999999999999999\r\n",
                "*2147483648\r\n",
                "*99999999999999999999\r\n"));
    }

    private static void unknownCommands(List<String> inputs) {
        String[] manyWords = new String[31];
        Arrays.fill(manyWords, "abcdefghij");
        inputs.addAll(List.of(
                command(""),
                command("", "x"),
                command("nosuch"),
                command("NoSuch", "a", "B", ""),
                command("nosuch", "x".repeat(200), "y"),
                command("x".repeat(200), "y"),
                command(manyWords),
                command("no\r\nsuch", "a\r\nb"),
                command("no\u0000such", "a\u0000b"),
                command("no'such"),
                command("\u00c0\u00e0", "\u00ff")));
    }

    private static void publishAndSubscribe(List<String> inputs) {
        inputs.addAll(List.of(
                command("PUBLISH"),
                command("PUBLISH", "a"),
                command("PUBLISH", "a", "b", "c"),
                command("publish", "a", "b"),
                command("Publish", "", ""),
                command("PUBLISH", "\u0000\u00ff\r\n", "\u0000"),
                command("SUBSCRIBE"),
                command("PSUBSCRIBE"),
                command("SUBSCRIBE", "a", "b", "a"),
                command("SUBSCRIBE", ""),
                command("SUBSCRIBE", "\u0000\u00ff\r\n"),
                command("PSUBSCRIBE", "a*", "a*", "\\*", "[", ""),
                command("Subscribe", "a"),
                command("UNSUBSCRIBE"),
                command("PUNSUBSCRIBE"),
                command("UNSUBSCRIBE", "x", "y"),
                command("PUNSUBSCRIBE", "x*"),
                command("UNSUBSCRIBE", ""),
                command("QUIT"),
                command("quit", "x"),
                command("QUIT") + command("PING"),
                command("PUBLISH", "a", "b") + command("QUIT"),
                command("RESET"),
                command("RESET", "x")));
    }

    private static void whileSubscribed(List<String> inputs) {
        String subscribed = command("SUBSCRIBE", "a");
        for (String more : List.of(
                command("PING"),
                command("PING", "x"),
                command("PING", "x", "y"),
                command("NoSuch", "x"),
                command("PUBLISH", "a", "x"),
                command("PUBLISH", "a"),
                command("CONFIG", "GET", "save"),
                command("CONFIG", "SET", LIMITS, "pubsub 1 1 1"),
                command("CONFIG"),
                command("CONFIG", "nosuch"),
                command("CLIENT"),
                command("SUBSCRIBE"),
                command("SUBSCRIBE", "b", "a"),
                command("PSUBSCRIBE", "a") + command("UNSUBSCRIBE", "a") + command("PUNSUBSCRIBE"),
                command("UNSUBSCRIBE") + command("PING"),
                command("UNSUBSCRIBE", "a", "a"),
                command("UNSUBSCRIBE", "b"),
                command("PUNSUBSCRIBE"),
                command("QUIT"),
                command("RESET") + command("PUBLISH", "a", "x"),
                "PING\r\n",
                "*x\r\n",
                "Host: x\r\n")) {
            inputs.add(subscribed + more);
        }
    }

    private static void configuration(List<String> inputs) {
        inputs.addAll(List.of(
                command("CONFIG"),
                command("CONFIG", "NoSuch"),
                command("CONFIG", "no\r\nsuch", "x"),
                command("CONFIG", "GET"),
                command("CONFIG", "SET"),
                command("CONFIG", "SET", "x"),
                command("CONFIG", "SET", "NoSuch", "x"),
                command("CONFIG", "GET", "nosuch"),
                command("CONFIG", "GET", LIMITS),
                command("config", "get", "CLIENT-Output-Buffer-Limit"),
                command("CONFIG", "GET", "client-output-*"),
                command("CONFIG", "GET", "CLIENT-output-[a-b]*"),
                command("CONFIG", "GET", "client-output-buffer-limi[t]", LIMITS),
                command("CONFIG", "GET", "save"),
                command("CONFIG", "GET", "appendonly"),
                command("CLIENT"),
                command("CLIENT", "SETNAME", "x"),
                command("CONFIG", "SET", LIMITS, "pubsub 1 1 1", LIMITS, "pubsub 2 2 2"),
                command("CONFIG", "SET", LIMITS, "pubsub", "1", "1", "1"),
                command("CONFIG", "SET", LIMITS, "pubsub 1 1 1", "nosuch", "x"),
                command("CONFIG", "SET", LIMITS, "pubsub 1 1 1", "x"),
                command("CONFIG", "SET", LIMITS.toUpperCase(Locale.ROOT), "pubsub 1 1 x")));
    }

    private static void limits(List<String> inputs) {
        for (String value : List.of(
                "pubsub 1mb 0 0",
                "PubSub 1MB 1Mb 1",
                "replica 1 2 3",
                "slave 1k 2m 3",
                "normal 1g 1gb 1",
                "normal 0 0 0 replica 0 0 0 pubsub 0 0 0",
                "pubsub 1kb 1b 0",
                "pubsub 1 5 1",
                "pubsub 5gb 5gb 5",
                "pubsub 01 02 03",
                "pubsub 1 2 +3",
                "pubsub 1 2 \t3",
                "pubsub 1 2 3 pubsub 4 5 6",
                "pubsub 0 0 99999",
                "pubsub 0 0 99999999999",
                "pubsub 0 0 99999999999999999999",
                "pubsub 99999999999gb 0 0",
                "pubsub 9223372036854775808 0 0",
                "pubsub 18446744073709551615 0 0",
                "pubsub 18446744073709551616 0 0",
                "pubsub " + "9".repeat(127) + " 0 0",
                "pubsub " + "9".repeat(128) + " 0 0",
                "pubsub mb b 0",
                "pubsub   ",
                "",
                "   ",
                "pubsub 1mb",
                "pubsub 1 2 3 ",
                "pubsub  1  2  3 ",
                "pubsub\t1 2 3",
                "\"pubsub\" 1 2 3",
                "x 1 1 1",
                "master 1 1 1",
                "normal 1 1 1 pubsub 2 2 x",
                "pubsub 1xb 0 0",
                "pubsub 1.5mb 0 0",
                "pubsub -1 0 0",
                "pubsub +1 2 3",
                "pubsub 0 0 -1",
                "pubsub 0 0 x",
                "pubsub 0 0 1s",
                "pubsub 0 0 +",
                "pubsub 0 0 \"\"")) {
            inputs.add(command("CONFIG", "SET", LIMITS, value) + command("CONFIG", "GET", LIMITS) + DEFAULTS);
        }
    }
}
