/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.session.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The JDK's own client, two hundred times. */
@Timeout(60)
@ParameterizedClass
@EnumSource(Transport.class)
class JdkClientsIT {
    private static final int CLIENTS = 200;
    private static final int TICKS = 20;
    private static final int TICK = 32;

    private final Transport transport;

    JdkClientsIT(Transport transport) {
        this.transport = transport;
    }

    @Test
    void shouldReachTwoHundredClientsWithEveryMessageAndTheCloseFrame() throws Exception {
        HttpClient http = transport.http();
        List<WebSocketTexts> receivers = new ArrayList<>();
        try (WebFixture server = new WebFixture(transport)) {
            URI address = URI.create(transport.scheme("ws") + "://localhost:" + server.port + "/ws");
            List<CompletableFuture<WebSocket>> opening = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                WebSocketTexts receiver = new WebSocketTexts();
                receivers.add(receiver);
                opening.add(http.newWebSocketBuilder().subprotocols("v1").buildAsync(address, receiver));
            }
            List<WebSocket> sockets = new ArrayList<>();
            for (CompletableFuture<WebSocket> each : opening) {
                sockets.add(each.get(30, TimeUnit.SECONDS));
            }
            assertEquals("v1", sockets.get(0).getSubprotocol());
            Await.until("all have joined", () -> server.group.size() == CLIENTS);
            List<String> expected = new ArrayList<>();
            WebTick tick = new WebTick(server.web);
            for (int round = 0; round < TICKS; round++) {
                try (tick) {
                    for (int i = 0; i < TICK; i++) {
                        String text = "\u20AC " + round + " " + "x".repeat(i * 10);
                        expected.add(text);
                        tick.addText(text);
                    }
                    assertEquals(CLIENTS, server.group.broadcast(tick));
                }
            }
            sockets.get(0).sendPing(ByteBuffer.allocate(3)).get(10, TimeUnit.SECONDS);
            sockets.get(0)
                    .sendText("half and ", false)
                    .thenCompose(s -> s.sendText("half", true))
                    .get(10, TimeUnit.SECONDS);
            for (WebClient client : server.opened) {
                Await.until("the echo is sent", () -> receivers.get(0).texts.size() > expected.size());
                client.close(1001, "over");
            }
            for (WebSocketTexts receiver : receivers) {
                assertEquals(1001, receiver.closed.get(30, TimeUnit.SECONDS));
            }
            assertTrue(receivers.get(0).texts.remove("half and half"), "the echo");
            for (WebSocketTexts receiver : receivers) {
                assertEquals(expected, List.copyOf(receiver.texts));
            }
            Await.until("all are gone", () -> server.closed.size() == CLIENTS);
            assertEquals(
                    List.of(),
                    server.closed.stream().filter(each -> !each.equals("1001")).toList());
            assertEquals(List.of(), List.copyOf(server.errors));
        }
    }

    @Test
    void shouldAnswerACloseOfTheClient() throws Exception {
        HttpClient http = transport.http();
        try (WebFixture server = new WebFixture(transport)) {
            WebSocketTexts receiver = new WebSocketTexts();
            WebSocket socket = http.newWebSocketBuilder()
                    .buildAsync(URI.create(transport.scheme("ws") + "://localhost:" + server.port + "/ws"), receiver)
                    .get(10, TimeUnit.SECONDS);
            socket.sendText("x".repeat(50_000), true).get(10, TimeUnit.SECONDS);
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").get(10, TimeUnit.SECONDS);
            assertEquals(1000, receiver.closed.get(10, TimeUnit.SECONDS));
            assertEquals(List.of("x".repeat(50_000)), List.copyOf(receiver.texts));
            Await.until("it is gone", () -> server.closed.size() == 1);
            assertEquals(List.of("1000"), server.closed);
        }
    }

    @Test
    void shouldServeThePageAndEvents() throws Exception {
        HttpClient http = transport.http();
        try (WebFixture server = new WebFixture(transport)) {
            String address = transport.scheme("http") + "://localhost:" + server.port;
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> page = http.send(
                        HttpRequest.newBuilder(URI.create(address + "/")).build(),
                        HttpResponse.BodyHandlers.ofString());
                assertEquals(200, page.statusCode());
                assertEquals(WebFixture.PAGE, page.body());
            }
            HttpResponse<Stream<String>> events = http.send(
                    HttpRequest.newBuilder(URI.create(address + "/events")).build(),
                    HttpResponse.BodyHandlers.ofLines());
            assertEquals(
                    "text/event-stream",
                    events.headers().firstValue("content-type").orElse(""));
            Await.until("it has joined", () -> server.group.size() == 1);
            server.group.broadcastText("a\nb");
            server.opened.get(0).sendText("c");
            Iterator<String> lines = events.body().iterator();
            for (String expected : List.of("data: a", "data: b", "", "data: c", "")) {
                assertEquals(expected, lines.next());
            }
            server.opened.get(0).close();
            assertEquals(false, lines.hasNext());
        }
    }
}
