/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static io.sendbuffer.web.ClientFrames.BINARY;
import static io.sendbuffer.web.ClientFrames.CLOSE;
import static io.sendbuffer.web.ClientFrames.CONTINUATION;
import static io.sendbuffer.web.ClientFrames.FINAL;
import static io.sendbuffer.web.ClientFrames.PING;
import static io.sendbuffer.web.ClientFrames.PONG;
import static io.sendbuffer.web.ClientFrames.RSV1;
import static io.sendbuffer.web.ClientFrames.TEXT;
import static io.sendbuffer.web.ClientFrames.bytes;
import static io.sendbuffer.web.ClientFrames.deflated;
import static io.sendbuffer.web.ClientFrames.utf8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What RFC 6455 and RFC 7692 say of each kind of frame, whole, cut at every byte, and byte by byte. */
class ConformanceTest {
    static final int MAX_MESSAGE = 70_000;
    private static final byte[] NONE = {};
    private static final byte[] HALF = {(byte) 0xE2, (byte) 0x82}; // of a euro sign
    private static final int FINAL_TEXT = FINAL | TEXT;
    private static final int FINAL_BINARY = FINAL | BINARY;
    private static final int LAST = FINAL | CONTINUATION;

    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(1 << 10).maxMemory(8 << 20).build());

    record Case(String name, boolean deflate, ClientFrames stream, List<String> events) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final class Cases {
        final List<Case> all = new ArrayList<>();

        void plain(String name, ClientFrames stream, String... events) {
            all.add(new Case(name, false, stream, List.of(events)));
        }

        void deflate(String name, ClientFrames stream, String... events) {
            all.add(new Case(name + ", with deflate", true, stream, List.of(events)));
        }
    }

    private static ClientFrames a() {
        return new ClientFrames();
    }

    static Stream<Case> cases() {
        Cases cases = new Cases();
        addWhole(cases);
        addFragmented(cases);
        addHeaders(cases);
        addControl(cases);
        addCloses(cases);
        addText(cases);
        addLimits(cases);
        addDeflated(cases);
        return cases.all.stream();
    }

    private static void addWhole(Cases to) {
        to.plain("a text", a().text("Hello"), "text:Hello");
        to.plain("an empty text", a().text(""), "text:");
        to.plain("two texts", a().text("a").text("b"), "text:a", "text:b");
        to.plain("a binary message", a().frame(FINAL_BINARY, bytes(0, 255, 1)), "binary:00ff01");
        to.plain("an empty binary message", a().frame(FINAL_BINARY, NONE), "binary:");
        to.plain("a mask of zeros", a().frame(FINAL_TEXT, utf8("zero"), 0), "text:zero");
        to.plain("a mask of ones", a().frame(FINAL_TEXT, utf8("ones"), -1), "text:ones");
        for (int length : new int[] {124, 125, 126, 127, 255, 256, 1_000}) {
            String text = "x".repeat(length);
            to.plain("a text of " + length, a().text(text), "text:" + text);
        }
    }

    private static void addFragmented(Cases to) {
        to.plain("two fragments", a().frame(TEXT, utf8("Hel")).frame(LAST, utf8("lo")), "text:Hello");
        to.plain(
                "a fragmented message with controls in between",
                a().frame(BINARY, bytes(1))
                        .frame(FINAL | PING, utf8("p"))
                        .frame(CONTINUATION, bytes(2))
                        .frame(FINAL | PONG, NONE)
                        .frame(LAST, bytes(3)),
                "ping:70",
                "pong:",
                "binary:010203");
        to.plain(
                "empty fragments",
                a().frame(TEXT, NONE)
                        .frame(CONTINUATION, NONE)
                        .frame(LAST, NONE)
                        .text("x"),
                "text:",
                "text:x");
        to.plain("an empty first fragment", a().frame(TEXT, NONE).frame(LAST, utf8("ab")), "text:ab");
        to.plain("an empty last fragment", a().frame(TEXT, utf8("ab")).frame(LAST, NONE), "text:ab");
        to.plain("a continuation of nothing", a().frame(CONTINUATION, utf8("x")), "error:1002");
        to.plain("a last continuation of nothing", a().frame(LAST, utf8("x")), "error:1002");
        to.plain("a continuation behind the end", a().text("x").frame(LAST, utf8("y")), "text:x", "error:1002");
        to.plain("a text within a text", a().frame(TEXT, utf8("x")).text("y"), "error:1002");
        to.plain("a binary within a text", a().frame(TEXT, utf8("x")).frame(FINAL_BINARY, NONE), "error:1002");
        to.plain(
                "a close within a message",
                a().frame(TEXT, utf8("x")).close(1001, "").frame(LAST, utf8("y")),
                "close:1001:");
    }

    private static void addHeaders(Cases to) {
        for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            to.plain("reserved opcode " + opcode, a().frame(FINAL | opcode, NONE), "error:1002");
            to.plain(
                    "reserved opcode " + opcode + " with content",
                    a().text("x").frame(opcode, utf8("x")),
                    "text:x",
                    "error:1002");
        }
        for (int bit : new int[] {0x10, 0x20, 0x40, 0x70}) {
            to.plain("reserved bit " + bit, a().frame(FINAL_TEXT | bit, utf8("x")), "error:1002");
            to.plain("reserved bit " + bit + " of a ping", a().frame(FINAL | PING | bit, NONE), "error:1002");
        }
        to.plain("no mask", a().raw(FINAL_TEXT, 1, 'x'), "error:1002");
        to.plain("no mask, and nothing to mask", a().raw(FINAL_TEXT, 0), "error:1002");
        to.plain("no mask of a long frame", a().raw(FINAL_TEXT, 126, 1, 0), "error:1002");
        to.plain("125 in two bytes", a().header(FINAL_TEXT, 2, 125, 0), "error:1002");
        to.plain("0 in two bytes", a().header(FINAL_TEXT, 2, 0, 0), "error:1002");
        to.plain("65,535 in eight bytes", a().header(FINAL_TEXT, 8, 0xFFFF, 0), "error:1002");
        to.plain("5 in eight bytes", a().header(FINAL_TEXT, 8, 5, 0), "error:1002");
        to.plain("a negative length", a().header(FINAL_TEXT, 8, -1, 0), "error:1002");
        to.plain("the least length of 64 bits", a().header(FINAL_BINARY, 8, Long.MIN_VALUE, 0), "error:1002");
    }

    private static void addControl(Cases to) {
        byte[] most = new byte[125];
        String hex = HexFormat.of().formatHex(most);
        to.plain("a ping", a().frame(FINAL | PING, utf8("hi")), "ping:6869");
        to.plain(
                "pings, the second shorter",
                a().frame(FINAL | PING, utf8("hi!")).frame(FINAL | PING, utf8("ho")),
                "ping:686921",
                "ping:686f");
        to.plain("a ping of 125 bytes", a().frame(FINAL | PING, most), "ping:" + hex);
        to.plain("a pong that nobody asked for", a().frame(FINAL | PONG, most), "pong:" + hex);
        to.plain("a ping of 126 bytes", a().frame(FINAL | PING, new byte[126]), "error:1002");
        to.plain("a pong of 126 bytes", a().frame(FINAL | PONG, new byte[126]), "error:1002");
        to.plain("a close of 126 bytes", a().frame(FINAL | CLOSE, new byte[126]), "error:1002");
        to.plain("a ping of 64 KiB", a().header(FINAL | PING, 8, 1 << 16, 0), "error:1002");
        to.plain("a fragmented ping", a().frame(PING, utf8("x")), "error:1002");
        to.plain("a fragmented pong", a().frame(PONG, NONE), "error:1002");
        to.plain("a fragmented close", a().frame(CLOSE, NONE), "error:1002");
        ClientFrames pings = a();
        for (int i = 0; i < 10; i++) {
            pings.frame(FINAL | PING, bytes(i));
        }
        to.plain(
                "ten pings",
                pings,
                Stream.iterate(0, i -> i + 1).limit(10).map(i -> "ping:0" + i).toArray(String[]::new));
    }

    private static void addCloses(Cases to) {
        to.plain("a close without a code", a().frame(FINAL | CLOSE, NONE), "close:1005:");
        to.plain("half of a code", a().frame(FINAL | CLOSE, bytes(3)), "error:1002");
        to.plain("a close with a reason", a().close(1000, "bye \u20AC"), "close:1000:bye \u20AC");
        to.plain("the longest reason", a().close(3000, "r".repeat(123)), "close:3000:" + "r".repeat(123));
        for (int code : new int[] {1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 3999, 4000, 4999}) {
            to.plain("code " + code, a().close(code, ""), "close:" + code + ":");
        }
        for (int code : new int[] {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535}) {
            to.plain("invalid code " + code, a().close(code, ""), "error:1002");
        }
        to.plain("a reason that is no text", a().frame(FINAL | CLOSE, bytes(3, 0xE8, 0xC0, 0x80)), "error:1007");
        to.plain("a reason that is cut", a().frame(FINAL | CLOSE, bytes(3, 0xE8, 0xE2, 0x82)), "error:1007");
        to.plain("a text behind a close", a().close(1000, "").text("x"), "close:1000:");
        to.plain("garbage behind a close", a().close(1000, "").raw(0xFF, 0xFF, 0xFF), "close:1000:");
        to.plain("a second close", a().close(1000, "").close(1001, ""), "close:1000:");
    }

    private static void addText(Cases to) {
        String all = "\u0000\u007F\u0080\u07FF\u0800\uD7FF\uE000\uFFFD\uFFFF\uD800\uDC00\uDBFF\uDFFF";
        to.plain("the bounds of UTF-8", a().text(all), "text:" + all);
        to.plain("a character over two frames", a().frame(TEXT, HALF).frame(LAST, bytes(0xAC)), "text:\u20AC");
        to.plain(
                "a character over two frames, and a ping",
                a().frame(TEXT, HALF).frame(FINAL | PING, NONE).frame(LAST, bytes(0xAC)),
                "ping:",
                "text:\u20AC");
        to.plain("a character that is cut", a().frame(FINAL_TEXT, HALF), "error:1007");
        to.plain(
                "a character that is cut at the last frame",
                a().frame(TEXT, HALF).frame(LAST, NONE),
                "error:1007");
        to.plain("a text behind a cut one", a().frame(FINAL_TEXT, HALF).text("x"), "error:1007");
        int[][] wrong = {
            {0x80},
            {0xBF},
            {0xC0, 0x80},
            {0xC1, 0xBF},
            {0xE0, 0x80, 0x80},
            {0xE0, 0x9F, 0xBF},
            {0xED, 0xA0, 0x80},
            {0xED, 0xBF, 0xBF},
            {0xF0, 0x80, 0x80, 0x80},
            {0xF0, 0x8F, 0xBF, 0xBF},
            {0xF4, 0x90, 0x80, 0x80},
            {0xF5, 0x80, 0x80, 0x80},
            {0xFE},
            {0xFF},
            {0xC3, 0x28},
            {0xE2, 0x28, 0xA1},
            {0xE2, 0x82, 0x28},
            {0xF0, 0x9F, 0x98, 0x28},
            {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 0x80}
        };
        for (int[] each : wrong) {
            byte[] text = bytes(each);
            String hex = HexFormat.of().formatHex(text);
            to.plain("no UTF-8: " + hex, a().frame(FINAL_TEXT, text), "error:1007");
            to.plain("no UTF-8 in a fragment: " + hex, a().frame(TEXT, text).frame(LAST, utf8("x")), "error:1007");
        }
        to.plain(
                "an error before the end of the frame",
                a().header(FINAL_TEXT, 0, 100, 0).raw(0xFF),
                "error:1007");
        to.plain("what is no text, in binary", a().frame(FINAL_BINARY, bytes(0xFF)), "binary:ff");
    }

    private static void addLimits(Cases to) {
        String most = "m".repeat(MAX_MESSAGE);
        to.plain("a message of one byte more than may be", a().header(FINAL_TEXT, 8, MAX_MESSAGE + 1, 0), "error:1009");
        to.plain("a message of 63 bits", a().header(FINAL_BINARY, 8, Long.MAX_VALUE, 0), "error:1009");
        to.plain(
                "fragments that are too long together",
                a().frame(TEXT, utf8("x")).header(LAST, 8, MAX_MESSAGE, 0),
                "error:1009");
        to.plain(
                "the longest message, in fragments",
                a().frame(BINARY, bytes(7)).frame(LAST, NONE).frame(FINAL_BINARY, NONE),
                "binary:07",
                "binary:");
        assertEquals(MAX_MESSAGE, most.length());
    }

    private static void addDeflated(Cases to) {
        byte[] hello = deflated(utf8("Hello"));
        to.deflate("a text", a().frame(FINAL_TEXT | RSV1, hello), "text:Hello");
        to.deflate(
                "the example of the RFC",
                a().frame(FINAL_TEXT | RSV1, bytes(0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0)),
                "text:Hello");
        to.deflate(
                "a stored block",
                a().frame(FINAL_TEXT | RSV1, bytes(0, 5, 0, 0xFA, 0xFF, 'H', 'e', 'l', 'l', 'o', 0)),
                "text:Hello");
        to.deflate(
                "a last block",
                a().frame(FINAL_TEXT | RSV1, bytes(0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0, 0)),
                "text:Hello");
        to.deflate(
                "a stored block that the left-out tail completes",
                a().frame(FINAL_BINARY | RSV1, bytes(0, 5, 0, 0xFA, 0xFF, 'H')),
                "binary:480000ffff");
        to.deflate("an empty text", a().frame(FINAL_TEXT | RSV1, bytes(0)), "text:");
        to.deflate("nothing at all", a().frame(FINAL_TEXT | RSV1, NONE), "text:");
        to.deflate("one that is not compressed", a().text("plain"), "text:plain");
        to.deflate(
                "fragments, and a ping",
                a().frame(BINARY | RSV1, bytes(0xF2, 0x48))
                        .frame(FINAL | PING, NONE)
                        .frame(LAST, bytes(0xCD, 0xC9, 0xC9, 0x07, 0)),
                "ping:",
                "binary:48656c6c6f");
        to.deflate(
                "one after the other",
                a().frame(FINAL_TEXT | RSV1, hello).text("x").frame(FINAL_TEXT | RSV1, hello),
                "text:Hello",
                "text:x",
                "text:Hello");
        to.deflate(
                "a window that was taken over",
                a().frame(FINAL_TEXT | RSV1, hello).frame(FINAL_TEXT | RSV1, bytes(0xF2, 0, 0x11, 0, 0)),
                "text:Hello",
                "error:1007");
        to.deflate("RSV1 of a continuation", a().frame(TEXT | RSV1, hello).frame(LAST | RSV1, NONE), "error:1002");
        to.deflate("RSV1 of a ping", a().frame(FINAL | PING | RSV1, NONE), "error:1002");
        to.deflate("RSV2", a().frame(FINAL_TEXT | 0x20, NONE), "error:1002");
        to.deflate("garbage", a().frame(FINAL_BINARY | RSV1, bytes(0xFF, 0xFF, 0xFF)), "error:1007");
        to.deflate("what is no text", a().frame(FINAL_TEXT | RSV1, deflated(bytes(0xFF))), "error:1007");
        to.deflate("a cut character", a().frame(FINAL_TEXT | RSV1, deflated(HALF)), "error:1007");
        to.deflate("a bomb", a().frame(FINAL_BINARY | RSV1, deflated(new byte[MAX_MESSAGE * 20])), "error:1009");
        to.deflate(
                "a byte too much", a().frame(FINAL_BINARY | RSV1, deflated(new byte[MAX_MESSAGE + 1])), "error:1009");
        to.deflate(
                "the longest",
                a().frame(FINAL_BINARY | RSV1, deflated(new byte[MAX_MESSAGE])),
                "binary:" + "00".repeat(MAX_MESSAGE));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shouldReadTheSameHoweverItWasCut(Case each) {
        Spare<MessageInflater> inflaters =
                each.deflate() ? new Spare<>(MessageInflater::new, MessageInflater::end) : null;
        byte[] stream = each.stream().toBytes();
        assertEquals(each.events(), ReadEvents.of(pool, MAX_MESSAGE, inflaters, stream), "whole");
        for (int cut = 1; cut < stream.length; cut++) {
            assertEquals(each.events(), ReadEvents.of(pool, MAX_MESSAGE, inflaters, stream, cut), "cut at " + cut);
            assertEquals(0, pool.stats().outstandingBuffers());
        }
        int[] everywhere = new int[Math.max(0, stream.length - 1)];
        for (int i = 0; i < everywhere.length; i++) {
            everywhere[i] = i + 1;
        }
        assertEquals(each.events(), ReadEvents.of(pool, MAX_MESSAGE, inflaters, stream, everywhere), "byte by byte");
        if (inflaters != null) {
            inflaters.close();
        }
    }

    @Test
    void shouldHaveAsManyCasesAsWereAskedFor() {
        long hostile = cases().filter(each -> each.events().stream().anyMatch(event -> event.startsWith("error")))
                .count();
        assertTrue(hostile >= 60, () -> "only " + hostile);
    }
}
