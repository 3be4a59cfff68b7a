/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Broadcasts to clients of all kinds. */
@Timeout(30)
@ParameterizedClass
@EnumSource(Transport.class)
class WebGroupIT {
    private static final int OF_EACH_KIND = 5;
    private static final int TICK = 32;

    private final List<RawWebClient> plain = new ArrayList<>();
    private final List<RawWebClient> deflated = new ArrayList<>();
    private final List<RawWebClient> events = new ArrayList<>();
    private final Transport transport;
    private WebFixture server;

    WebGroupIT(Transport transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() throws IOException {
        server = new WebFixture(transport);
    }

    @AfterEach
    void stop() throws IOException {
        for (List<RawWebClient> clients : List.of(plain, deflated, events)) {
            for (RawWebClient client : clients) {
                client.close();
            }
        }
        server.close();
    }

    private RawWebClient openEvents() throws IOException {
        RawWebClient client = server.connect();
        client.send("GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
        String head = client.readHead();
        assertTrue(head.startsWith("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"), head);
        return client;
    }

    private void connectAll() throws Exception {
        for (int i = 0; i < OF_EACH_KIND; i++) {
            plain.add(server.open("/ws", ""));
            deflated.add(server.open("/ws", RawWebClient.DEFLATE));
            events.add(openEvents());
        }
        Await.until("all have joined", () -> server.group.size() == 3 * OF_EACH_KIND);
    }

    private void requireText(String text) throws Exception {
        for (List<RawWebClient> clients : List.of(plain, deflated)) {
            for (RawWebClient client : clients) {
                assertEquals(text, client.readFrame().text());
            }
        }
        for (RawWebClient client : events) {
            for (String line : text.split("\n", -1)) {
                assertEquals(
                        new String(ClientFrames.utf8("data: " + line), java.nio.charset.StandardCharsets.ISO_8859_1),
                        client.readLine());
            }
            assertEquals("", client.readLine());
        }
    }

    @Test
    void shouldReachEachClientInItsOwnEncoding() throws Exception {
        connectAll();
        for (String text : List.of("short", "\u20AC and\nlines ".repeat(30), "")) {
            assertEquals(3 * OF_EACH_KIND, server.group.broadcastText(text));
            requireText(text);
        }
        try (SendBuffer binary = WebSocketFrames.binary(server.pool, ByteBuffer.wrap(new byte[] {1, 2}))) {
            assertEquals(2 * OF_EACH_KIND, server.group.broadcast(binary), "no event is binary");
        }
        assertEquals(0x82, plain.get(0).readFrame().first());
        assertThrows(IllegalArgumentException.class, () -> server.group.broadcast(server.web.pingFrame()));
    }

    @Test
    void shouldEncodeEachVariantOnceWhateverTheNumberOfClients() throws Exception {
        connectAll();
        try (SendBuffer frame = WebSocketFrames.text(server.pool, "text ".repeat(50));
                WebTick tick = new WebTick(server.web)) {
            long before = server.pool.stats().outstandingBuffers();
            assertEquals(3 * OF_EACH_KIND, server.group.broadcast(tick.add(frame)));
            assertEquals(3 * OF_EACH_KIND, server.group.broadcast(tick));
            assertEquals(before + 2, server.pool.stats().outstandingBuffers(), "the frame, deflated, and as an event");
        }
        requireText("text ".repeat(50));
        requireText("text ".repeat(50));
        deflated.get(0).socket.close();
        for (RawWebClient client : deflated) {
            client.close();
        }
        Await.until("they have left", () -> server.group.size() == 2 * OF_EACH_KIND);
        assertEquals(2 * OF_EACH_KIND, server.group.broadcastText("text ".repeat(50)));
    }

    @Test
    void shouldReachThoseThatPassAFilter() throws Exception {
        connectAll();
        List<WebClient> left = server.opened.subList(0, 3); // one of each kind
        String text = "not for all ".repeat(10);
        assertEquals(3 * OF_EACH_KIND - 3, server.group.broadcastText(text, client -> !left.contains(client)));
        try (SendBuffer frame = WebSocketFrames.text(server.pool, text)) {
            assertEquals(2, server.group.broadcast(frame, client -> left.contains(client) && client != left.get(0)));
        }
        assertEquals(3 * OF_EACH_KIND, server.group.broadcastText("for all"));
        for (List<RawWebClient> clients : List.of(plain, deflated)) {
            for (RawWebClient client : clients) {
                assertEquals(
                        client == plain.get(0) ? "for all" : text,
                        client.readFrame().text());
            }
        }
        for (RawWebClient client : events) {
            assertEquals("data: " + text, client.readLine());
        }
        List<WebClient> seen = new ArrayList<>();
        server.group.forEach(seen::add);
        assertEquals(Set.copyOf(server.opened), Set.copyOf(seen));
        assertEquals(3 * OF_EACH_KIND, seen.size());
    }

    @Test
    void shouldSendNothingWhereAFilterThrows() throws Exception {
        connectAll();
        assertThrows(
                IllegalStateException.class,
                () -> server.group.broadcastText("x", client -> {
                    throw new IllegalStateException("the filter");
                }));
        assertEquals(3 * OF_EACH_KIND, server.group.broadcastText("next"));
        requireText("next");
    }

    @Test
    void shouldGiveEachEncodingTheKeyOfItsFrame() throws Exception {
        connectAll();
        try (WebTick tick = new WebTick(server.web);
                SendBuffer frame = WebSocketFrames.text(server.pool, "price ".repeat(50))) {
            tick.add(frame.conflate(17));
            assertEquals(3 * OF_EACH_KIND, server.group.broadcast(tick));
            for (WebKind kind : WebKind.values()) {
                assertTrue(tick.batch(kind).hasAttributes(), kind::name);
            }
        }
    }

    @Test
    void shouldCloseAllWithAGoodbye() throws Exception {
        connectAll();
        assertThrows(IllegalArgumentException.class, () -> server.group.close(1005, ""));
        server.group.broadcastText("last");
        server.group.close(1001, "restart");
        server.group.broadcastText("nobody gets that");
        for (List<RawWebClient> clients : List.of(plain, deflated)) {
            for (RawWebClient client : clients) {
                assertEquals("last", client.readFrame().text());
                assertEquals(1001, client.readClose());
            }
        }
        for (RawWebClient client : events) {
            assertEquals("data: last\n\n", client.readRest());
        }
    }

    @Test
    void shouldSendTicksWhole() throws Exception {
        connectAll();
        WebTick tick = new WebTick(server.web);
        for (int round = 0; round < 20; round++) {
            try (tick) {
                for (int i = 0; i < TICK; i++) {
                    tick.addText("{\"round\":" + round + ",\"message\":" + i + ",\"filler\":\"aaaaaaaaaaaaaaaaaaaa\"}");
                }
                assertEquals(TICK, tick.size());
                assertEquals(3 * OF_EACH_KIND, server.group.broadcast(tick));
                assertThrows(IllegalStateException.class, () -> tick.addText("late"));
            }
            for (int i = 0; i < TICK; i++) {
                requireText("{\"round\":" + round + ",\"message\":" + i + ",\"filler\":\"aaaaaaaaaaaaaaaaaaaa\"}");
            }
        }
    }

    @Test
    void shouldBeatOneHeartForAll() throws Exception {
        connectAll();
        assertEquals(3 * OF_EACH_KIND, server.group.heartbeat());
        assertEquals(0x89, plain.get(0).readFrame().first());
        assertEquals(0x89, deflated.get(0).readFrame().first());
        assertEquals(":", events.get(0).readLine());
    }

    @Test
    void shouldLeaveAndCloseByRequest() throws Exception {
        connectAll();
        WebClient first = server.opened.get(0);
        assertTrue(server.group.remove(first));
        assertFalse(server.group.remove(first));
        for (WebClient client : server.opened) {
            client.close(1001, "restart");
        }
        for (RawWebClient client : plain) {
            assertEquals(1001, client.readClose());
        }
        for (RawWebClient client : events) {
            assertEquals("", client.readRest());
        }
        for (List<RawWebClient> clients : List.of(plain, deflated, events)) {
            for (RawWebClient client : clients) {
                client.close();
            }
        }
        Await.until("all are gone", () -> server.closed.size() == 3 * OF_EACH_KIND);
        assertEquals(
                2 * OF_EACH_KIND, server.closed.stream().filter("1001"::equals).count());
        assertEquals(OF_EACH_KIND, server.closed.stream().filter("1006"::equals).count());
    }
}
