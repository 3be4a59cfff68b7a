/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.session.Await;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that are slow with their request, and such as hear nothing for long. */
@Timeout(30)
class WebTimeoutsIT {
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final String HALF = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ";

    @Test
    void shouldEndAConnectionThatSaysNothingMoreOfItsRequest() throws Exception {
        try (WebFixture server = new WebFixture(settings -> settings.requestTimeout(SHORT));
                RawWebClient silent = new RawWebClient(server.port);
                RawWebClient half = new RawWebClient(server.port)) {
            half.send(HALF);

            assertEquals("", silent.readRest());
            assertEquals("", half.readRest());
            Await.until("both are gone", () -> server.loop().sessionCount() == 0);
        }
    }

    @Test
    void shouldAnswerARequestThatTricklesThatItTookTooLong() throws Exception {
        try (WebFixture server = new WebFixture(settings -> settings.requestTimeout(SHORT));
                RawWebClient trickling = new RawWebClient(server.port)) {
            trickling.send(HALF);
            Await.until("an answer came", () -> trickle(trickling));
            assertTrue(trickling.readHead().startsWith("HTTP/1.1 408 Request Timeout\r\n"));
        }
    }

    private static boolean trickle(RawWebClient client) {
        try {
            if (client.in.available() > 0) {
                return true;
            }
            client.send("x");
            return false;
        } catch (java.io.IOException e) {
            throw new AssertionError("reset before the answer", e);
        }
    }

    @Test
    void shouldPingClientsThatHearNothingAndLetThemBeSilent() throws Exception {
        try (WebFixture server = new WebFixture(
                        settings -> settings.requestTimeout(SHORT).pingInterval(Duration.ofMillis(100)));
                RawWebClient socket = RawWebClient.open(server.port, "/ws", "");
                RawWebClient events = new RawWebClient(server.port)) {
            events.send("GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
            events.readHead();
            for (int i = 0; i < 8; i++) { // longer than a request may take
                assertEquals(0x89, socket.readFrame().first());
                assertEquals(":", events.readLine().trim());
                assertEquals("", events.readLine());
            }
            assertEquals(2, server.group.size());
        }
    }

    @Test
    void shouldRefuseTimesThatCannotBe() {
        for (Duration time : new Duration[] {Duration.ofMillis(-1), Duration.ofDays(1)}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new WebFixture(settings -> settings.requestTimeout(time)).close());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new WebFixture(settings -> settings.pingInterval(time)).close());
        }
    }
}
