/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests, right and wrong, cut at every byte. */
class RequestReaderTest {
    private static final String HOST = "Host: h\r\n";

    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(1 << 10).maxMemory(8 << 20).build());

    static Stream<Arguments> requests() {
        return Stream.of(
                Arguments.of("GET / HTTP/1.1\r\n" + HOST + "\r\n", "GET /"),
                Arguments.of("\r\nGET / HTTP/1.1\r\n" + HOST + "\r\n", "GET /"),
                Arguments.of("GET / HTTP/1.1\nHost: h\n\n", "GET /"),
                Arguments.of("HEAD /a?b=c HTTP/1.1\r\n" + HOST + "\r\n", "HEAD /a b=c"),
                Arguments.of("GET /a? HTTP/1.1\r\n" + HOST + "\r\n", "GET /a "),
                Arguments.of("GET http://h/x HTTP/1.1\r\n" + HOST + "\r\n", "GET /x"),
                Arguments.of("GET http://h HTTP/1.1\r\n" + HOST + "\r\n", "GET /"),
                Arguments.of("GET / HTTP/1.0\r\n\r\n", "GET /"),
                Arguments.of("GET / HTTP/1.1\r\nhOsT:h\r\nX: \t a b \t\r\n\r\n", "GET / [a b]"),
                Arguments.of("GET / HTTP/1.1\r\n" + HOST + "X:\r\n\r\n", "GET / []"),
                Arguments.of("GET / HTTP/1.1\r\n" + HOST + "X: 1\r\nx: 2\r\n\r\n", "GET / [1, 2]"),
                Arguments.of("GET / HTTP/1.1\r\n\r\n", "400"),
                Arguments.of("GET / HTTP/1.1\r\n" + HOST + HOST + "\r\n", "400"),
                Arguments.of("GET /\r\n", "400"),
                Arguments.of("GET\r\n", "400"),
                Arguments.of("GET  HTTP/1.1\r\n", "400"),
                Arguments.of("GET / x HTTP/1.1\r\n", "400"),
                Arguments.of(" GET / HTTP/1.1\r\n", "400"),
                Arguments.of("G(T / HTTP/1.1\r\n", "400"),
                Arguments.of("GET x HTTP/1.1\r\n", "400"),
                Arguments.of("GET * HTTP/1.1\r\n", "400"),
                Arguments.of("CONNECT h:80 HTTP/1.1\r\n", "400"),
                Arguments.of("GET / HTTP/2.0\r\n", "505"),
                Arguments.of("GET / HTTP/1.2\r\n", "505"),
                Arguments.of("GET / FTP/1.1\r\n", "400"),
                Arguments.of("GET /\0 HTTP/1.1\r\n", "400"),
                Arguments.of("GET / HTTP/1.1\r\nX y: z\r\n", "400"),
                Arguments.of("GET / HTTP/1.1\r\nX : z\r\n", "400"),
                Arguments.of("GET / HTTP/1.1\r\n: z\r\n", "400"),
                Arguments.of("GET / HTTP/1.1\r\nnothing\r\n", "400"),
                Arguments.of("GET / HTTP/1.1\r\nX: a\r\n b\r\n", "400"),
                Arguments.of("GET / HTTP/1.1\r\nX: a\rb\r\n", "400"),
                Arguments.of("GET / HTTP/1.1\r\nX: a\0\r\n", "400"),
                Arguments.of("GET / HTTP/1.1\r\nX: \u007F\r\n", "400"),
                Arguments.of("\r\n\r\n\r\nGET / HTTP/1.1\r\n", "400"),
                Arguments.of("\u0016\u0003\u0001\u0002\n", "400"));
    }

    private String read(String text, int... cuts) {
        RequestReader reader = new RequestReader(pool);
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int from = 0;
        WebRequest request = null;
        try {
            for (int i = 0; i <= cuts.length && request == null; i++) {
                int to = i < cuts.length ? cuts[i] : bytes.length;
                request = reader.read(ByteBuffer.wrap(bytes, from, to - from));
                from = to;
            }
        } catch (HttpException e) {
            return Integer.toString(e.status.code);
        } finally {
            reader.close();
        }
        assertNotNull(request, text);
        List<String> x = request.headers("x");
        return request + (request.query() == null ? "" : " " + request.query()) + (x.isEmpty() ? "" : " " + x);
    }

    @ParameterizedTest
    @MethodSource("requests")
    void shouldReadTheSameHoweverItWasCut(String text, String expected) {
        assertEquals(expected, read(text));
        for (int cut = 1; cut < text.length(); cut++) {
            assertEquals(expected, read(text, cut), "cut at " + cut);
            assertEquals(0, pool.stats().outstandingBuffers());
        }
    }

    @Test
    void shouldRefuseWhatIsTooLarge() {
        String line = "GET / HTTP/1.1\r\n" + HOST;
        assertEquals("414", read("GET /" + "a".repeat(9_000)));
        assertEquals("431", read(line + "X: " + "a".repeat(9_000)));
        assertEquals("431", read(line + "X: 1\r\n".repeat(101)));
        assertEquals("431", read(line + ("X: " + "a".repeat(8_000) + "\r\n").repeat(5)));
        assertEquals("GET / " + java.util.Collections.nCopies(99, "1"), read(line + "X: 1\r\n".repeat(99) + "\r\n"));
    }

    @Test
    void shouldLeaveWhatIsBehindTheHead() {
        RequestReader reader = new RequestReader(pool);
        ByteBuffer input =
                ByteBuffer.wrap(("GET / HTTP/1.1\r\n" + HOST + "\r\nrest").getBytes(StandardCharsets.US_ASCII));
        assertNotNull(reader.read(input));
        assertEquals(4, input.remaining());
        RequestReader cut = new RequestReader(pool);
        assertNull(cut.read(ByteBuffer.wrap(new byte[] {'G'})));
        cut.close();
    }

    @Test
    void shouldAllowTheSameOriginAlone() {
        assertEquals(true, request("Origin: http://h:1\r\nHost: h:1\r\n").isSameOrigin());
        assertEquals(true, request("Origin: https://H\r\nHost: h\r\n").isSameOrigin());
        assertEquals(true, request(HOST).isSameOrigin());
        assertEquals(false, request("Origin: http://evil\r\n" + HOST).isSameOrigin());
        assertEquals(false, request("Origin: http://h.evil\r\n" + HOST).isSameOrigin());
        assertEquals(false, request("Origin: http://h:2\r\nHost: h:1\r\n").isSameOrigin());
        assertEquals(false, request("Origin: null\r\n" + HOST).isSameOrigin());
        assertEquals(false, request("Origin: h\r\n" + HOST).isSameOrigin());
    }

    private WebRequest request(String fields) {
        String text = "GET / HTTP/1.1\r\n" + fields + "\r\n";
        WebRequest request = new RequestReader(pool).read(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        assertNotNull(request);
        return request;
    }
}
