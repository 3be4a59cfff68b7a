/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.session.Await;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests and raw clients, right and hostile. */
@Timeout(30)
@ParameterizedClass
@EnumSource(Transport.class)
class WebServerIT {
    private final Transport transport;
    private WebFixture server;

    WebServerIT(Transport transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() throws IOException {
        server = new WebFixture(transport);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    record Exchange(String request, String status) {}

    private static Exchange expect(String status, String firstLine, String... fields) {
        return new Exchange(firstLine + "\r\n" + String.join("", fields) + "\r\n", status);
    }

    /** The handshake without one of its fields, or with another one. */
    private static Exchange handshake(String status, String path, String old, String replacement) {
        String fields = RawWebClient.HANDSHAKE.replaceFirst(old, replacement);
        assertFalse(!old.isEmpty() && fields.equals(RawWebClient.HANDSHAKE), old);
        return new Exchange("GET " + path + " HTTP/1.1\r\n" + fields + "\r\n", status);
    }

    private static Stream<Exchange> exchanges() {
        String host = "Host: localhost\r\n";
        return Stream.of(
                expect("200 OK", "GET / HTTP/1.1", host),
                expect("200 OK", "GET / HTTP/1.0"),
                expect("200 OK", "GET /?q=1 HTTP/1.1", host),
                expect("200 OK", "GET / HTTP/1.1", RawWebClient.HANDSHAKE),
                expect("404 Not Found", "GET /nothing HTTP/1.1", host),
                expect("404 Not Found", "GET /WS HTTP/1.1", host),
                expect("404 Not Found", "GET /../etc/passwd HTTP/1.1", host),
                expect("405 Method Not Allowed", "POST / HTTP/1.1", host),
                expect("405 Method Not Allowed", "OPTIONS /ws HTTP/1.1", host),
                expect("405 Method Not Allowed", "HEAD /ws HTTP/1.1", host),
                expect("405 Method Not Allowed", "HEAD /events HTTP/1.1", host),
                expect("400 Bad Request", "GET / HTTP/1.1"),
                expect("400 Bad Request", "nonsense"),
                expect("505 HTTP Version Not Supported", "GET / HTTP/3.0", host),
                expect("414 URI Too Long", "GET /" + "a".repeat(10_000) + " HTTP/1.1", host),
                expect(
                        "431 Request Header Fields Too Large",
                        "GET / HTTP/1.1",
                        host,
                        "X: " + "a".repeat(10_000) + "\r\n"),
                expect("431 Request Header Fields Too Large", "GET / HTTP/1.1", host, "X: 1\r\n".repeat(200)),
                expect("426 Upgrade Required", "GET /ws HTTP/1.1", host),
                handshake("426 Upgrade Required", "/ws", "websocket", "h2c"),
                handshake("426 Upgrade Required", "/ws", "Version: 13", "Version: 8"),
                handshake("426 Upgrade Required", "/ws", "Sec-WebSocket-Version: 13\r\n", ""),
                handshake("400 Bad Request", "/ws", "keep-alive, Upgrade", "keep-alive"),
                handshake("400 Bad Request", "/ws", "Sec-WebSocket-Key: [^\r]*\r\n", ""),
                handshake("400 Bad Request", "/ws", "dGhl", ""),
                handshake("400 Bad Request", "/ws", "dGhl", "dG*l"),
                handshake("400 Bad Request", "/ws", "Host", "Content-Length: 5\r\nHost"),
                handshake("400 Bad Request", "/ws", "Host", "Transfer-Encoding: chunked\r\nHost"),
                handshake("400 Bad Request", "/ws", "Host", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nHost"),
                handshake("403 Forbidden", "/ws", "Host", "Origin: http://evil.example\r\nHost"),
                handshake("403 Forbidden", "/ws", "Host", "Origin: null\r\nHost"),
                handshake("403 Forbidden", "/members?no", "", ""),
                expect("403 Forbidden", "GET /events HTTP/1.1", host, "Origin: http://evil.example\r\n"));
    }

    @Test
    void shouldAnswerEachRequestAndEndTheConnection() throws Exception {
        for (Exchange exchange : exchanges().toList()) {
            try (RawWebClient client = server.connect()) {
                client.send(exchange.request());
                String answer = client.readHead();
                assertTrue(answer.startsWith("HTTP/1.1 " + exchange.status()), exchange.request() + "\n" + answer);
                assertTrue(answer.contains("close\r\n"), answer);
                int length = Integer.parseInt(answer.replaceFirst("(?s).*Content-Length: (\\d+).*", "$1"));
                String body = client.readRest();
                assertEquals(length, ClientFrames.utf8(body).length, exchange.request());
            }
        }
        Await.until("all connections are gone", () -> server.loop().sessionCount() == 0);
        assertEquals(List.of(), List.copyOf(server.errors));
        assertEquals(0, server.receivePool.stats().outstandingBuffers());
    }

    @Test
    void shouldSendThePageAndItsHeadAlone() throws Exception {
        try (RawWebClient client = server.connect()) {
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertTrue(client.readHead().contains("Content-Type: text/html; charset=utf-8\r\n"));
            assertEquals(WebFixture.PAGE, client.readRest());
        }
        try (RawWebClient client = server.connect()) {
            client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertTrue(client.readHead().contains("Content-Length: 35\r\n"));
            assertEquals("", client.readRest());
        }
    }

    @Test
    void shouldShakeHandsAsTheRfcHasIt() throws Exception {
        String fields = "Origin: http://localhost\r\nSec-WebSocket-Protocol: v0, v1\r\nSec-WebSocket-Protocol: v2\r\n";
        try (RawWebClient client = server.connect()) {
            client.send("GET /ws HTTP/1.1\r\n" + RawWebClient.HANDSHAKE + fields + "\r\n");
            String answer = client.readHead();
            assertTrue(answer.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), answer);
            assertTrue(answer.contains("Sec-WebSocket-Accept: " + RawWebClient.ACCEPT + "\r\n"), answer);
            assertTrue(answer.contains("Sec-WebSocket-Protocol: v2\r\n"), answer);
            assertFalse(answer.contains("Extensions"), answer);
            assertEquals("v2", server.opened.get(0).subprotocol());
            assertEquals(WebKind.WEB_SOCKET, server.opened.get(0).kind());
        }
    }

    @Test
    void shouldReadFramesThatCameWithTheRequestAndAnswerByteByByte() throws Exception {
        try (RawWebClient client = server.connect()) {
            byte[] head = ("GET /ws HTTP/1.1\r\n" + RawWebClient.HANDSHAKE + "\r\n")
                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            byte[] frames = new ClientFrames().text("one").text("two").toBytes();
            byte[] all = java.util.Arrays.copyOf(head, head.length + frames.length);
            System.arraycopy(frames, 0, all, head.length, frames.length);
            client.out.write(all);
            client.readHead();
            assertEquals("one", client.readFrame().text());
            assertEquals("two", client.readFrame().text());
            for (byte each : new ClientFrames().text("\u20AC").toBytes()) {
                client.out.write(each);
            }
            assertEquals("\u20AC", client.readFrame().text());
            client.send(new ClientFrames().frame(0x89, new byte[] {1, 2}).frame(0x89, new byte[0]));
            assertEquals(2, client.readFrame().payload().length);
            assertEquals(0x8A, client.readFrame().first());
        }
    }

    @Test
    void shouldCloseWithTheRightCodeAndTellTheListener() throws Exception {
        ClientFrames notMasked = new ClientFrames().raw(0x81, 1, 'x');
        ClientFrames noText = new ClientFrames().frame(0x81, new byte[] {(byte) 0xFF});
        ClientFrames tooLong = new ClientFrames().header(0x81, 8, WebFixture.MAX_MESSAGE + 1, 0);
        requireClose(1002, "1002 WebSocketException", notMasked);
        requireClose(1007, "1007 WebSocketException", noText);
        requireClose(1009, "1009 WebSocketException", tooLong);
        requireClose(1000, "1000", new ClientFrames().close(1000, "bye"));
        requireClose(4321, "4321", new ClientFrames().close(4321, ""));
        requireClose(1005, "1005", new ClientFrames().frame(0x88, new byte[0]));
        assertEquals(List.of(), List.copyOf(server.errors));
    }

    private void requireClose(int code, String heard, ClientFrames frames) throws Exception {
        server.closed.clear();
        try (RawWebClient client = server.open("/ws", "")) {
            client.send(frames);
            client.send(new ClientFrames().text("behind the error, which nobody reads"));
            assertEquals(code, client.readClose());
        }
        Await.until("it is gone", () -> !server.closed.isEmpty());
        assertEquals(List.of(heard), server.closed);
        assertEquals(0, server.receivePool.stats().outstandingBuffers());
    }

    @Test
    void shouldCloseClientsThatStillSendAndLetThemReadTheCloseFrame() throws Exception {
        try (RawWebClient client = server.open("/ws", "")) {
            client.send(new ClientFrames().header(0x81, 2, 1_000, 0).raw('x'));
            server.opened.get(0).close(3000, "enough");
            server.opened.get(0).close(1000, "too late");
            client.send("y".repeat(50_000));
            assertEquals(3000, client.readClose());
        }
        Await.until("it is gone", () -> !server.closed.isEmpty());
        assertEquals(List.of("3000"), server.closed);
    }

    @Test
    void shouldKeepNothingOfClientsThatLeaveWithinAMessage() throws Exception {
        try (RawWebClient client = server.open("/ws", "")) {
            client.send(new ClientFrames().header(0x82, 8, 70_000, 0).raw(1, 2, 3));
            Await.until("it waits", () -> server.receivePool.stats().outstandingBuffers() == 1);
        }
        try (RawWebClient client = server.connect()) {
            client.send("GET / HT");
            Await.until("it waits", () -> server.receivePool.stats().outstandingBuffers() == 1);
        }
        Await.until("both are gone", () -> server.loop().sessionCount() == 0);
        assertEquals(0, server.receivePool.stats().outstandingBuffers());
        assertEquals(List.of("1006 EOFException"), server.closed);
    }

    @Test
    void shouldReportWhatACallbackThrew() throws Exception {
        try (RawWebClient client = server.open("/throws", "")) {
            client.send(new ClientFrames().text("x"));
            assertEquals(-1, client.in.read());
        }
        Await.until("it is reported", () -> !server.errors.isEmpty());
        assertInstanceOf(IllegalStateException.class, server.errors.poll());
    }

    @Test
    void shouldInflateWhatComesAndDeflateWhatIsBroadcast() throws Exception {
        try (RawWebClient client = server.open("/ws", RawWebClient.DEFLATE)) {
            assertEquals(WebKind.DEFLATED_WEB_SOCKET, server.opened.get(0).kind());
            client.send(new ClientFrames().frame(0xC1, ClientFrames.deflated(ClientFrames.utf8("ping \u20AC"))));
            assertEquals("ping \u20AC", client.readFrame().text());
            String text = "value ".repeat(50);
            assertEquals(1, server.group.broadcastText(text));
            RawWebClient.Frame frame = client.readFrame();
            assertEquals(0xC1, frame.first());
            assertTrue(frame.payload().length < 40);
            assertEquals(text, frame.text());
            server.group.broadcastText("short");
            assertEquals(0x81, client.readFrame().first());
            client.send(new ClientFrames().frame(0xC2, ClientFrames.deflated(new byte[10 * WebFixture.MAX_MESSAGE])));
            assertEquals(1009, client.readClose());
        }
    }
}
