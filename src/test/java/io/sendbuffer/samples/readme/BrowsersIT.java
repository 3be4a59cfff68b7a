/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.web.WebSocketTexts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BrowsersIT {
    private static final String LONG = "x".repeat(10_000);

    /** Reads nothing until it is asked to. */
    private static final class Slow implements WebSocket.Listener {
        final WebSocketTexts heard = new WebSocketTexts();

        @Override
        public void onOpen(WebSocket socket) {}

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            return heard.onText(socket, data, last);
        }
    }

    private static WebSocket open(int port, WebSocket.Listener listener) throws Exception {
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://localhost:" + port + "/ws"), listener)
                .get(20, TimeUnit.SECONDS);
    }

    @Test
    void shouldPassOnWhatOneSaysAndSayWhatASlowOneMissed() throws Exception {
        SendBufferPool pool = Pools.create();
        Browsers browsers = new Browsers(pool, "<p>hello".getBytes(StandardCharsets.UTF_8));
        SendLoop loop = SendLoop.builder()
                .queueLimits(QueueLimits.ofBytes(100_000))
                .sendBufferSize(16 << 10)
                .build();
        try (ServerSocketChannel socket =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                LoopRunner runner = loop.start()) {
            browsers.listen(loop, socket);
            int port = socket.socket().getLocalPort();
            WebSocketTexts reading = new WebSocketTexts();
            Slow slow = new Slow();
            WebSocket speaker = open(port, reading);
            WebSocket stalled = open(port, slow);
            Await.until("both are there", () -> loop.sessionCount() == 2);

            speaker.sendText("hello", true).get(20, TimeUnit.SECONDS);
            assertEquals("hello", reading.texts.poll(20, TimeUnit.SECONDS));
            for (int tick = 0; tick < 1_000; tick++) {
                browsers.tick(List.of(LONG + tick));
                assertEquals(LONG + tick, reading.texts.poll(20, TimeUnit.SECONDS));
            }
            stalled.request(Long.MAX_VALUE);
            Await.until("it has the newest", () -> slow.heard.texts.contains(LONG + 999));
            assertTrue(
                    slow.heard.texts.stream().anyMatch(text -> text.startsWith("{\"missed\":")),
                    () -> "no notice in " + slow.heard.texts.size() + " texts");
            assertTrue(runner.thread().isAlive());
        } finally {
            browsers.web().close();
        }
    }
}
