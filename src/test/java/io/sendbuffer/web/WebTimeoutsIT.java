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
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that are slow with their request, and such as hear nothing for long. */
@Timeout(30)
@ParameterizedClass
@EnumSource(Transport.class)
class WebTimeoutsIT {
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final String HALF = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ";

    private final Transport transport;

    WebTimeoutsIT(Transport transport) {
        this.transport = transport;
    }

    @Test
    void shouldEndAConnectionThatSaysNothingMoreOfItsRequest() throws Exception {
        try (WebFixture server = new WebFixture(transport, settings -> settings.requestTimeout(SHORT));
                RawWebClient silent = server.connect();
                RawWebClient half = server.connect()) {
            half.send(HALF);

            assertEquals("", silent.readRest());
            assertEquals("", half.readRest());
            Await.until("both are gone", () -> server.loop().sessionCount() == 0);
        }
    }

    @Test
    void shouldAnswerARequestThatTricklesThatItTookTooLong() throws Exception {
        try (WebFixture server = new WebFixture(transport, settings -> settings.requestTimeout(SHORT));
                RawWebClient trickling = server.connect()) {
            trickling.send(HALF);
            Await.until("an answer came", () -> trickle(trickling));
            assertTrue(trickling.readHead().startsWith("HTTP/1.1 408 Request Timeout\r\n"));
        }
    }

    private static boolean trickle(RawWebClient client) {
        try {
            if (client.hasInput()) {
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
                        transport, settings -> settings.requestTimeout(SHORT).pingInterval(Duration.ofMillis(100)));
                RawWebClient socket = server.open("/ws", "");
                RawWebClient events = server.connect()) {
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

    /** A pong shows that it is there; without a ping it could only be silent. */
    @Test
    void shouldPingClientsOfABusyFeedThatOnlyListen() throws Exception {
        try (WebFixture server = new WebFixture(transport, settings -> settings.pingInterval(Duration.ofMillis(100)));
                RawWebClient socket = server.open("/ws", "")) {
            int pings = 0;
            Await.until("it is a member", () -> server.group.size() == 1);
            while (pings < 3) {
                server.group.broadcastText("news");
                pings += socket.readFrame().first() == 0x89 ? 1 : 0;
            }
        }
    }

    @Test
    void shouldRefuseTimesThatCannotBe() {
        for (Duration time : new Duration[] {Duration.ofMillis(-1), Duration.ofDays(1)}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new WebFixture(transport, settings -> settings.requestTimeout(time)).close());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new WebFixture(transport, settings -> settings.pingInterval(time)).close());
        }
    }
}
