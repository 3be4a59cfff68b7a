/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The JDK's own client, two hundred times. */
@Timeout(60)
class JdkClientsIT {
    private static final int CLIENTS = 200;
    private static final int TICKS = 20;
    private static final int TICK = 32;

    private static final class Receiver implements WebSocket.Listener {
        final List<String> texts = new CopyOnWriteArrayList<>();
        final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final StringBuilder begun = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            begun.append(data);
            if (last) {
                texts.add(begun.toString());
                begun.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int statusCode, String reason) {
            closed.complete(statusCode);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.completeExceptionally(error);
        }
    }

    @Test
    void shouldReachTwoHundredClientsWithEveryMessageAndTheCloseFrame() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        List<Receiver> receivers = new ArrayList<>();
        try (WebFixture server = new WebFixture()) {
            URI address = URI.create("ws://localhost:" + server.port + "/ws");
            List<CompletableFuture<WebSocket>> opening = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Receiver receiver = new Receiver();
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
            for (Receiver receiver : receivers) {
                assertEquals(1001, receiver.closed.get(30, TimeUnit.SECONDS));
            }
            assertEquals("half and half", receivers.get(0).texts.remove(expected.size()));
            for (Receiver receiver : receivers) {
                assertEquals(expected, receiver.texts);
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
        HttpClient http = HttpClient.newHttpClient();
        try (WebFixture server = new WebFixture()) {
            Receiver receiver = new Receiver();
            WebSocket socket = http.newWebSocketBuilder()
                    .buildAsync(URI.create("ws://localhost:" + server.port + "/ws"), receiver)
                    .get(10, TimeUnit.SECONDS);
            socket.sendText("x".repeat(50_000), true).get(10, TimeUnit.SECONDS);
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").get(10, TimeUnit.SECONDS);
            assertEquals(1000, receiver.closed.get(10, TimeUnit.SECONDS));
            assertEquals(List.of("x".repeat(50_000)), receiver.texts);
            Await.until("it is gone", () -> server.closed.size() == 1);
            assertEquals(List.of("1000"), server.closed);
        }
    }

    @Test
    void shouldServeThePageAndEvents() throws Exception {
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        try (WebFixture server = new WebFixture()) {
            String address = "http://localhost:" + server.port;
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
