/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.small;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.samples.pubsub.RedisCli;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The small server for Redis clients, with two hundred of them, and with Redis's own where it is installed. */
@Timeout(60)
class RedisLikeIT {
    private static final int CLIENTS = 200;
    private static final int MESSAGES = 500;

    private final List<Socket> sockets = new ArrayList<>();
    private RedisLike server;

    @BeforeEach
    void start() throws IOException {
        server = new RedisLike(0);
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port);
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        return socket;
    }

    private static String command(String... words) {
        StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            text.append(bulk(word));
        }
        return text.toString();
    }

    private static String bulk(String word) {
        return "$" + word.length() + "\r\n" + word + "\r\n";
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    private static void expect(Socket socket, String text) throws IOException {
        InputStream in = socket.getInputStream();
        assertEquals(text, new String(in.readNBytes(text.length()), ISO_8859_1));
    }

    @Test
    void shouldAnswerHoweverACommandWasCut() throws IOException {
        Socket client = connect();
        String all = command("PING")
                + command("ping", "a\r\nb\u00FF")
                + command("PUBLISH", "c", "x")
                + command("SUBSCRIBE", "c", "d")
                + command("PING")
                + command("UNSUBSCRIBE", "c")
                + command("UNSUBSCRIBE")
                + command("UNSUBSCRIBE")
                + command("GET", "x")
                + command("PING", "");
        String answers = "+PONG\r\n" + bulk("a\r\nb\u00FF") + ":0\r\n"
                + "*3\r\n" + bulk("subscribe") + bulk("c") + ":1\r\n"
                + "*3\r\n" + bulk("subscribe") + bulk("d") + ":2\r\n"
                + "*2\r\n" + bulk("pong") + bulk("")
                + "*3\r\n" + bulk("unsubscribe") + bulk("c") + ":1\r\n"
                + "*3\r\n" + bulk("unsubscribe") + bulk("d") + ":0\r\n"
                + "*3\r\n" + bulk("unsubscribe") + "$-1\r\n:0\r\n"
                + "-ERR unknown command, or a wrong number of arguments\r\n" + bulk("");
        send(client, all);
        expect(client, answers);
        for (int i = 0; i < all.length(); i++) {
            send(client, all.substring(i, i + 1));
        }
        expect(client, answers);
    }

    /** By an end, or by a reset, as it may be while more comes. */
    private static boolean isEnded(Socket client, String said) {
        try {
            send(client, said);
            return client.getInputStream().read() < 0;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void shouldEndAClientThatSendsNoCommandAndServeTheOthers() throws IOException {
        Socket other = connect();
        for (String wrong :
                List.of("GET / HTTP/1.1\r\n", "*1\r\n+OK\r\n", "*1\r\n$99999\r\n", "*100\r\n", "x".repeat(70_000))) {
            assertTrue(isEnded(connect(), wrong), wrong);
        }
        send(other, command("PING"));
        expect(other, "+PONG\r\n");
    }

    @Test
    void shouldSendEveryByteToTwoHundredSubscribers() throws IOException {
        List<Socket> subscribers = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Socket subscriber = connect();
            send(subscriber, command("SUBSCRIBE", "news", "n" + i % 2));
            subscribers.add(subscriber);
        }
        for (int i = 0; i < CLIENTS; i++) {
            expect(subscribers.get(i), "*3\r\n" + bulk("subscribe") + bulk("news") + ":1\r\n");
            expect(subscribers.get(i), "*3\r\n" + bulk("subscribe") + bulk("n" + i % 2) + ":2\r\n");
        }
        Socket publisher = connect();
        StringBuilder pipeline = new StringBuilder();
        StringBuilder answers = new StringBuilder();
        StringBuilder[] expected = {new StringBuilder(), new StringBuilder()};
        for (int i = 0; i < MESSAGES; i++) {
            String text = "text \n" + "\u00FF".repeat(i % 50) + i;
            String channel = i % 3 == 2 ? "news" : "n" + i % 3;
            pipeline.append(command("PUBLISH", channel, text));
            answers.append(channel.equals("news") ? ":200\r\n" : ":100\r\n");
            for (int of = 0; of < 2; of++) {
                if (channel.equals("news") || channel.equals("n" + of)) {
                    expected[of].append("*3\r\n" + bulk("message") + bulk(channel) + bulk(text));
                }
            }
        }
        send(publisher, pipeline.toString());
        expect(publisher, answers.toString());
        for (int i = 0; i < CLIENTS; i++) {
            expect(subscribers.get(i), expected[i % 2].toString());
        }
    }

    @Test
    void shouldServeRedisCli() throws Exception {
        RedisCli cli = new RedisCli(server.port);
        assertEquals("PONG\n", cli.run("PING"));
        assertEquals("a \\ b\n", cli.run("PING", "a \\ b"));
        assertEquals("0\n", cli.run("PUBLISH", "news", "x"));
        try (RedisCli.Subscriber subscriber = cli.subscribe("news")) {
            assertEquals("1\n", cli.run("PUBLISH", "news", "two words"));
            subscriber.expect("message", "news", "two words");
        }
    }
}
