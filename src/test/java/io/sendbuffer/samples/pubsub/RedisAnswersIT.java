/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.TestSeed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sample beside a redis-server: the same bytes in, the same bytes out. Skipped where there is no redis-server. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisAnswersIT {
    /** The answer to it ends with what no other answer ends with. */
    private static final String LAST = RedisInputs.command("PING", "the last");

    private static final String END_OF_ANSWER = "the last\r\n";
    private static final String CLOSED = "<closed>";
    private static final String SILENT = "<silent>";
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final int SILENCE_MILLIS = 200;

    @SuppressWarnings("NullAway.Init") // before all
    private RedisProcess redis;

    @SuppressWarnings("NullAway.Init")
    private PubSubServer ours;

    @BeforeAll
    void start() throws Exception {
        redis = RedisProcess.start();
        ours = PubSubServer.start(
                new PubSubSettings(0, 64L << 20),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
    }

    @AfterAll
    void close() throws Exception {
        if (ours != null) {
            ours.close();
            assertEquals(0, ours.pool().stats().outstandingBuffers());
        }
        if (redis != null) {
            redis.close();
        }
    }

    static Stream<String> same() {
        return RedisInputs.same().stream();
    }

    static Stream<RedisInputs.Different> different() {
        return RedisInputs.different().stream();
    }

    @ParameterizedTest
    @MethodSource("same")
    void shouldAnswerByteByByteAsRedis(String input) throws Exception {
        assertEquals(
                answer(redis.port(), List.of(input), TIMEOUT_MILLIS),
                answer(ours.port(), List.of(input), TIMEOUT_MILLIS));
    }

    /** A difference that has a reason; once there is none left, the input belongs to the others. */
    @ParameterizedTest
    @MethodSource("different")
    void shouldDifferFromRedisOnlyWhereItIsSaid(RedisInputs.Different different) throws Exception {
        String answer = answer(ours.port(), List.of(different.input()), TIMEOUT_MILLIS);
        assertTrue(answer.startsWith(different.answer()), answer);
        assertNotEquals(answer(redis.port(), List.of(different.input()), SILENCE_MILLIS), answer, different.reason());
    }

    @Test
    void shouldAnswerAPipelineThatIsCutAtEachByteAsRedis() throws Exception {
        String pipeline = RedisInputs.command("PUBLISH", "a\r\n$", "\u0000\u00ff*1") + "PING 'x y'\r\n\r\n*0\r\n"
                + RedisInputs.command("SUBSCRIBE", "a", "b") + RedisInputs.command("PING") + "UNSUBSCRIBE a b\r\n"
                + RedisInputs.command("CONFIG", "GET", "save") + RedisInputs.command("nosuch", "\r\n");
        String expected = answer(redis.port(), List.of(pipeline), TIMEOUT_MILLIS);
        for (int i = 1; i < pipeline.length(); i++) {
            List<String> parts = List.of(pipeline.substring(0, i), pipeline.substring(i));
            assertEquals(expected, answer(redis.port(), parts, TIMEOUT_MILLIS), "redis, cut at " + i);
            assertEquals(expected, answer(ours.port(), parts, TIMEOUT_MILLIS), "cut at " + i);
        }
        List<String> bytes = pipeline.chars().mapToObj(Character::toString).toList();
        assertEquals(expected, answer(redis.port(), bytes, TIMEOUT_MILLIS));
        assertEquals(expected, answer(ours.port(), bytes, TIMEOUT_MILLIS));
    }

    @Test
    void shouldMatchPatternsAsRedis() throws Exception {
        long seed = TestSeed.next();
        Random random = new Random(seed);
        try (RespClient ourSubscriber = new RespClient(ours.port());
                RespClient itsSubscriber = new RespClient(redis.port());
                RespClient ourPublisher = new RespClient(ours.port());
                RespClient itsPublisher = new RespClient(redis.port())) {
            for (int i = 0; i < 1_000; i++) {
                String pattern = text(random, "ab]*?[^-\\\\", 8);
                assertEquals(itsSubscriber.ask("PSUBSCRIBE", pattern), ourSubscriber.ask("PSUBSCRIBE", pattern));
                for (int j = 0; j < 8; j++) {
                    String channel = text(random, "ab]c-^\\", 4);
                    String receivers = itsPublisher.ask("PUBLISH", channel, "x");
                    String what = pattern + " " + channel + TestSeed.hint(seed);
                    assertEquals(receivers, ourPublisher.ask("PUBLISH", channel, "x"), what);
                    if (receivers.equals(":1")) {
                        assertEquals(itsSubscriber.reply(), ourSubscriber.reply(), what);
                    }
                }
                assertEquals(itsSubscriber.ask("PUNSUBSCRIBE"), ourSubscriber.ask("PUNSUBSCRIBE"));
            }
        }
    }

    private static String text(Random random, String alphabet, int maxLength) {
        int length = random.nextInt(maxLength + 1);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    @Test
    void shouldDeliverTheSameBytesInTheSameOrder() throws Exception {
        long seed = TestSeed.next();
        List<String> pipelines = new ArrayList<>();
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            StringBuilder pipeline = new StringBuilder();
            for (int j = random.nextInt(40); j >= 0; j--) {
                String channel =
                        List.of("a", "b", "pa", "pb", "\u0000\r\n\u00ff").get(random.nextInt(5));
                pipeline.append(RedisInputs.command("PUBLISH", channel, text(random, "\u0000\u00ff\r\n$*", 100)));
            }
            pipelines.add(pipeline.toString());
        }
        String subscribe = RedisInputs.command("SUBSCRIBE", "a", "b", "pb", "\u0000\r\n\u00ff")
                + RedisInputs.command("PSUBSCRIBE", "p*");
        assertEquals(
                delivered(redis.port(), subscribe, pipelines),
                delivered(ours.port(), subscribe, pipelines),
                () -> TestSeed.hint(seed));
    }

    /** What a subscriber gets, and then what the publisher gets. */
    private static String delivered(int port, String subscribe, List<String> pipelines) throws IOException {
        try (Socket subscriber = new Socket(InetAddress.getLoopbackAddress(), port)) {
            subscriber.setSoTimeout(TIMEOUT_MILLIS);
            subscriber.getOutputStream().write(subscribe.getBytes(StandardCharsets.ISO_8859_1));
            String confirmed = readUntil(subscriber, ":5\r\n");
            String answers = answer(port, pipelines, TIMEOUT_MILLIS);
            answer(port, List.of(RedisInputs.command("PUBLISH", "a", "the last")), TIMEOUT_MILLIS);
            return confirmed + readUntil(subscriber, END_OF_ANSWER) + answers;
        }
    }

    /** What a server answers to bytes that come in parts, until it closes, has answered all, or says nothing. */
    private static String answer(int port, List<String> parts, int timeoutMillis) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(timeoutMillis);
            OutputStream out = socket.getOutputStream();
            try {
                for (String part : parts) {
                    out.write(part.getBytes(StandardCharsets.ISO_8859_1));
                }
                out.write(LAST.getBytes(StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                // closed by the server, whose answer is still to be read
            }
            return readUntil(socket, END_OF_ANSWER);
        }
    }

    private static String readUntil(Socket socket, String end) {
        StringBuilder answer = new StringBuilder();
        byte[] bytes = new byte[1 << 16];
        try {
            while (answer.length() < end.length() || answer.indexOf(end, answer.length() - end.length()) < 0) {
                int count = socket.getInputStream().read(bytes);
                if (count < 0) {
                    return answer + CLOSED;
                }
                answer.append(new String(bytes, 0, count, StandardCharsets.ISO_8859_1));
            }
        } catch (SocketTimeoutException e) {
            return answer + SILENT;
        } catch (IOException e) { // reset: it closed before it had read all
            return answer + CLOSED;
        }
        return answer.toString();
    }
}
