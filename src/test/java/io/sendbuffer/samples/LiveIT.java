/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.samples.live.LiveServer;
import io.sendbuffer.samples.live.LiveSettings;
import io.sendbuffer.web.WebSocketTexts;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page's server, with clients that read and one that does not. */
@Timeout(60)
class LiveIT {
    private static final int TICKS = 45;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static HttpRequest get(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .build();
    }

    /** Throws if any tick is missing. */
    private static void requireAllTicks(Iterable<String> messages) {
        long last = 0;
        for (String message : messages) {
            if (message.startsWith("{\"tick\":")) {
                long tick = Long.parseLong(message.substring(8, message.indexOf(',')));
                assertTrue(last == 0 || tick == last + 1, "from " + last + " to " + tick);
                last = tick;
            }
        }
        assertTrue(last > 0, "no tick");
    }

    @Test
    void shouldSendEveryTickToThoseThatReadWhateverASlowClientDoes() throws Exception {
        try (LiveServer server = LiveServer.start(LiveSettings.parse("--port", "0"));
                Socket slow = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            slow.getOutputStream()
                    .write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String page = http.send(get(server.port(), "/"), HttpResponse.BodyHandlers.ofString())
                    .body();
            assertTrue(page.contains("new WebSocket") && page.contains("new EventSource"), page);
            WebSocketTexts viewer = new WebSocketTexts();
            http.newWebSocketBuilder()
                    .buildAsync(URI.create("ws://localhost:" + server.port() + "/ws"), viewer)
                    .get(20, TimeUnit.SECONDS);
            HttpResponse<Stream<String>> events =
                    http.send(get(server.port(), "/events"), HttpResponse.BodyHandlers.ofLines());
            List<String> lines = events.body()
                    .filter(line -> line.startsWith("data: "))
                    .limit(TICKS)
                    .map(line -> line.substring(6))
                    .toList();
            requireAllTicks(lines);
            assertTrue(lines.stream().anyMatch(line -> line.startsWith("{\"sessions\":3,")), "no statistics");
            List<String> texts = new ArrayList<>();
            while (texts.size() < TICKS) {
                texts.add(String.valueOf(viewer.texts.poll(20, TimeUnit.SECONDS)));
            }
            requireAllTicks(texts);
            assertEquals(TICKS, texts.size());
        }
    }
}
