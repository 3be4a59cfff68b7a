/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.small;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.session.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The small server for browsers, with the JDK's own clients, two hundred of them. */
@Timeout(90)
class WebFeedIT {
    private static final int SOCKETS = 160;
    private static final int STREAMS = 40;
    private static final int TEXTS_EACH = 5;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static final class Visitor implements WebSocket.Listener {
        final List<String> texts = new CopyOnWriteArrayList<>();
        final CompletableFuture<String> closed = new CompletableFuture<>();
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
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code + " " + reason);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.completeExceptionally(error);
        }
    }

    private static HttpRequest get(WebFeed server, String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + server.port + path))
                .build();
    }

    @Test
    void shouldServeThePage() throws Exception {
        try (WebFeed server = new WebFeed(0)) {
            HttpResponse<String> page = http.send(get(server, "/"), HttpResponse.BodyHandlers.ofString());
            assertEquals(200, page.statusCode());
            assertTrue(page.body().contains("new WebSocket") && page.body().contains("new EventSource"), page::body);
        }
    }

    @Test
    void shouldSendEveryByteToTwoHundredClientsAndTheGoodbyeLast() throws Exception {
        List<Visitor> visitors = new ArrayList<>();
        List<CompletableFuture<HttpResponse<String>>> streams = new ArrayList<>();
        List<String> said = new ArrayList<>();
        try (WebFeed server = new WebFeed(0)) {
            List<WebSocket> sockets = connect(server, visitors);
            for (int i = 0; i < STREAMS; i++) {
                streams.add(http.sendAsync(get(server, "/events"), HttpResponse.BodyHandlers.ofString()));
            }
            Await.until("all have joined", () -> server.visitors.size() == SOCKETS + STREAMS);
            for (int round = 0; round < TEXTS_EACH; round++) {
                for (int i = 0; i < SOCKETS; i++) {
                    String text = round + " \u20AC of " + i + " " + "x".repeat(i);
                    said.add(text);
                    sockets.get(i).sendText(text, true).get(10, TimeUnit.SECONDS);
                }
            }
            Await.until("all is sent", () -> visitors.stream().allMatch(each -> each.texts.size() == said.size()));
        }
        List<String> heard = visitors.get(0).texts;
        assertEquals(new HashSet<>(said), new HashSet<>(heard));
        for (Visitor visitor : visitors) {
            assertEquals("1001 the server stops", visitor.closed.get(10, TimeUnit.SECONDS));
            assertEquals(heard, visitor.texts);
        }
        String events = "data: " + String.join("\n\ndata: ", heard) + "\n\n";
        for (CompletableFuture<HttpResponse<String>> stream : streams) {
            assertEquals(events, stream.get(10, TimeUnit.SECONDS).body());
        }
    }

    private List<WebSocket> connect(WebFeed server, List<Visitor> visitors) throws Exception {
        List<CompletableFuture<WebSocket>> opening = new ArrayList<>();
        for (int i = 0; i < SOCKETS; i++) {
            Visitor visitor = new Visitor();
            visitors.add(visitor);
            opening.add(http.newWebSocketBuilder()
                    .buildAsync(URI.create("ws://localhost:" + server.port + "/ws"), visitor));
        }
        List<WebSocket> sockets = new ArrayList<>();
        for (CompletableFuture<WebSocket> each : opening) {
            sockets.add(each.get(30, TimeUnit.SECONDS));
        }
        return sockets;
    }
}
