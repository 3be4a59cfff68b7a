/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PubSubIT {
    private static final int MESSAGES = 2_000;

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private final List<RespClient> clients = new ArrayList<>();
    private PubSubServer server = start();

    private PubSubServer start() {
        try {
            PrintStream printer = new PrintStream(console, true, StandardCharsets.UTF_8);
            return PubSubServer.start(new PubSubSettings(0, 64L << 20), printer);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void requireStarted() {
        assertTrue(console.toString(StandardCharsets.UTF_8).startsWith("ready on port " + server.port()));
    }

    @AfterEach
    void close() throws IOException {
        for (RespClient client : clients) {
            client.close();
        }
        server.close();
        assertEquals(0, server.pool().stats().outstandingBuffers());
    }

    private RespClient connect() throws IOException {
        RespClient client = new RespClient(server.port());
        clients.add(client);
        return client;
    }

    @Test
    void shouldAnswerAsTheProtocolHasIt() throws Exception {
        RespClient client = connect();
        assertEquals("+PONG", client.ask("PING"));
        assertEquals("hi", client.ask("ping", "hi"));
        client.sendRaw("PING\r\nping you\r\n");
        assertEquals("+PONG", client.reply());
        assertEquals("you", client.reply());
        assertEquals(":0", client.ask("PUBLISH", "news", "x"));
        assertEquals("-ERR unknown command 'GET', with args beginning with: 'x' ", client.ask("GET", "x"));
        assertEquals("-ERR wrong number of arguments for 'publish' command", client.ask("PUBLISH", "news"));
        assertEquals("-ERR wrong number of arguments for 'subscribe' command", client.ask("SUBSCRIBE"));
        assertEquals("[unsubscribe, nil, :0]", client.ask("UNSUBSCRIBE"));
        assertEquals("[subscribe, a, :1]", client.ask("SUBSCRIBE", "a", "b"));
        assertEquals("[subscribe, b, :2]", client.reply());
        assertEquals("[psubscribe, c*, :3]", client.ask("PSUBSCRIBE", "c*"));
        assertEquals("[pong, ]", client.ask("PING"));
        assertTrue(client.ask("PUBLISH", "a", "x").startsWith("-ERR Can't execute 'publish'"));
        assertEquals("[unsubscribe, a, :2]", client.ask("UNSUBSCRIBE", "a"));
        assertEquals("[unsubscribe, b, :1]", client.ask("UNSUBSCRIBE"));
        assertEquals("[punsubscribe, c*, :0]", client.ask("PUNSUBSCRIBE"));
        assertEquals("+OK", client.ask("QUIT"));
        assertThrows(EOFException.class, client::reply);
    }

    @Test
    void shouldCloseAClientThatSpeaksAnotherProtocol() throws Exception {
        RespClient client = connect();
        client.sendRaw("*1\r\nGET / HTTP/1.1\r\n");
        assertEquals("-ERR Protocol error: expected '$', got 'G'", client.reply());
        assertThrows(EOFException.class, client::reply);
    }

    @Test
    void shouldDeliverEachMessageOnceInOrderByChannelAndByPattern() throws Exception {
        RespClient byChannel = connect();
        RespClient byPattern = connect();
        assertEquals("[subscribe, news, :1]", byChannel.ask("SUBSCRIBE", "news"));
        assertEquals("[psubscribe, n?ws*, :1]", byPattern.ask("PSUBSCRIBE", "n?ws*"));
        Future<?> publishing = publish("news", MESSAGES, 2);
        for (int i = 0; i < MESSAGES; i++) {
            assertEquals("[message, news, " + i + "]", byChannel.reply());
            assertEquals("[pmessage, n?ws*, news, " + i + "]", byPattern.reply());
        }
        Threads.join(publishing);
        byChannel.close();
        RespClient other = connect();
        String receivers;
        do { // until it has left
            receivers = other.ask("PUBLISH", "news", "last");
        } while (!receivers.equals(":1"));
    }

    /** In pieces of several commands, as a pipelining client does. */
    private Future<?> publish(String channel, int count, int receivers) throws IOException {
        RespClient publisher = connect();
        return Threads.start(() -> {
            for (int i = 0; i < count; i++) {
                publisher.send("PUBLISH", channel, String.valueOf(i));
                if (i % 10 == 9) {
                    for (int j = 0; j < 10; j++) {
                        assertEquals(":" + receivers, publisher.reply());
                    }
                }
            }
            return true;
        });
    }

    @Test
    void shouldCloseASlowSubscriberAtItsHardLimitAndNoOther() throws Exception {
        RespClient healthy = connect();
        RespClient slow = connect();
        assertEquals("[subscribe, news, :1]", healthy.ask("SUBSCRIBE", "news"));
        assertEquals("[subscribe, news, :1]", slow.ask("SUBSCRIBE", "news"));
        RespClient publisher = connect();
        assertEquals(
                "[client-output-buffer-limit, normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60]",
                publisher.ask("CONFIG", "GET", "client-*"));
        assertEquals("+OK", publisher.ask("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 0 0"));
        String text = "x".repeat(100_000);
        String receivers = ":2";
        while (receivers.equals(":2")) {
            receivers = publisher.ask("PUBLISH", "news", text);
            assertEquals("[message, news, " + text + "]", healthy.reply());
        }
        assertEquals(":1", receivers);
        Await.until("it is said", () -> console.toString(StandardCharsets.UTF_8).contains("more than 1,048,576 bytes"));
        assertEquals(":1", publisher.ask("PUBLISH", "news", "still"));
        assertEquals("[message, news, still]", healthy.reply());
    }

    @Test
    void shouldCloseASlowSubscriberWhoseSoftLimitIsPassedForASecond() throws Exception {
        RespClient slow = connect();
        assertEquals("[subscribe, news, :1]", slow.ask("SUBSCRIBE", "news"));
        RespClient publisher = connect();
        String text = "x".repeat(100_000);
        for (int i = 0; i < 30; i++) {
            assertEquals(":1", publisher.ask("PUBLISH", "news", text));
        }
        assertEquals("+OK", publisher.ask("CONFIG", "SET", "client-output-buffer-limit", "pubsub 32mb 64kb 1"));
        Await.until("it is said", () -> console.toString(StandardCharsets.UTF_8).contains("65,536 bytes have waited"));
        assertEquals(":0", publisher.ask("PUBLISH", "news", text));
    }

    @Test
    void shouldRefuseLimitsThatAreWrong() throws Exception {
        RespClient client = connect();
        assertTrue(client.ask("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb")
                .startsWith("-ERR CONFIG SET failed"));
        assertTrue(client.ask("CONFIG", "SET", "client-output-buffer-limit", "x 1 1 1")
                .startsWith("-ERR CONFIG SET failed"));
        assertTrue(client.ask("CONFIG", "SET", "maxmemory", "1").startsWith("-ERR Unknown option"));
        assertEquals("+OK", client.ask("CONFIG", "SET", "client-output-buffer-limit", "slave 0 0 0 normal 1mb 0 0"));
        assertEquals(
                "[client-output-buffer-limit, normal 1048576 0 0 slave 0 0 0 pubsub 33554432 8388608 60]",
                client.ask("CONFIG", "GET", "client-output-buffer-limit"));
    }

    @Test
    void shouldCloseASubscriberForAMessageThatWillNeverFit() throws Exception {
        RespClient subscriber = connect();
        assertEquals("[subscribe, news, :1]", subscriber.ask("SUBSCRIBE", "news"));
        RespClient publisher = connect();
        assertEquals("+OK", publisher.ask("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1kb 0 0"));
        assertEquals(":1", publisher.ask("PUBLISH", "news", "x".repeat(2_000)));
        assertThrows(EOFException.class, subscriber::reply);
        assertTrue(console.toString(StandardCharsets.UTF_8).contains("is beyond the hard limit"));
    }

    @Test
    void shouldNotCloseASubscriberForAPipelineWhoseMessagesFit() throws Exception {
        RespClient subscriber = connect();
        assertEquals("[subscribe, news, :1]", subscriber.ask("SUBSCRIBE", "news"));
        RespClient publisher = connect();
        assertEquals("+OK", publisher.ask("CONFIG", "SET", "client-output-buffer-limit", "pubsub 100kb 0 0"));
        String text = "x".repeat(1_000);
        publisher.sendRaw(("PUBLISH news " + text + "\r\n").repeat(60));
        for (int i = 0; i < 60; i++) {
            assertEquals(":1", publisher.reply());
            assertEquals("[message, news, " + text + "]", subscriber.reply());
        }
    }

    @Test
    void shouldKeepTheOrderAcrossChannelsAndPatternsOfAPipeline() throws Exception {
        RespClient subscriber = connect();
        subscriber.send("SUBSCRIBE", "a", "b");
        subscriber.send("PSUBSCRIBE", "b*");
        for (int i = 0; i < 3; i++) {
            subscriber.reply();
        }
        RespClient publisher = connect();
        publisher.sendRaw(
                "PUBLISH a 1\r\nPUBLISH a 2\r\nPUBLISH b 3\r\nPUBLISH a 4\r\nPUBLISH bb 5\r\nPUBLISH b 6\r\n");
        assertEquals("[message, a, 1]", subscriber.reply());
        assertEquals("[message, a, 2]", subscriber.reply());
        assertEquals("[message, b, 3]", subscriber.reply());
        assertEquals("[pmessage, b*, b, 3]", subscriber.reply());
        assertEquals("[message, a, 4]", subscriber.reply());
        assertEquals("[pmessage, b*, bb, 5]", subscriber.reply());
        assertEquals("[message, b, 6]", subscriber.reply());
        assertEquals("[pmessage, b*, b, 6]", subscriber.reply());
    }

    @Test
    void shouldDeliverNothingThatWasPublishedBeforeTheSubscriptionInTheSamePipeline() throws Exception {
        RespClient client = connect();
        client.sendRaw("PUBLISH a 1\r\nSUBSCRIBE a\r\nUNSUBSCRIBE\r\nPUBLISH a 2\r\nSUBSCRIBE a\r\nRESET\r\nPING\r\n");
        assertEquals(":0", client.reply());
        assertEquals("[subscribe, a, :1]", client.reply());
        assertEquals("[unsubscribe, a, :0]", client.reply());
        assertEquals(":0", client.reply());
        assertEquals("[subscribe, a, :1]", client.reply());
        assertEquals("+RESET", client.reply());
        assertEquals("+PONG", client.reply());
    }

    @Test
    void shouldExecuteNothingOfWhatABrowserPosts() throws Exception {
        RespClient subscriber = connect();
        assertEquals("[subscribe, news, :1]", subscriber.ask("SUBSCRIBE", "news"));
        RespClient browser = connect();
        browser.sendRaw("POST / HTTP/1.1\r\nHost: x\r\n\r\nPUBLISH news bad\r\nPUBLISH news bad\r\n");
        assertThrows(EOFException.class, browser::reply);
        assertEquals(":1", connect().ask("PUBLISH", "news", "good"));
        assertEquals("[message, news, good]", subscriber.reply());
    }
}
