/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Every case of the {@link ConformanceTest} in a session of its own, without TLS and with it. */
@Timeout(120)
@ParameterizedClass
@EnumSource(Transport.class)
class ConformanceIT {
    private final long seed = TestSeed.next();
    private final SplittableRandom random = new SplittableRandom(seed);
    private final SendBufferPool pool = Pools.create();
    private final SendBufferPool receivePool = Pools.track(
            SendBufferPool.builder().chunkSize(1 << 10).maxMemory(16 << 20).build());
    private final BlockingQueue<Recorder> recorders = new LinkedBlockingQueue<>();
    private final WebServer web = WebServer.builder(pool)
            .receivePool(receivePool)
            .webSocket("/", request -> new Recorder())
            .maxMessage(ConformanceTest.MAX_MESSAGE)
            .build();
    private final Transport transport;
    private LoopRunner runner;
    private int port;

    ConformanceIT(Transport transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() throws IOException {
        ServerSocketChannel socket =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        port = socket.socket().getLocalPort();
        SendLoop loop = SendLoop.builder().build();
        transport.listen(loop, socket, web);
        runner = loop.start();
    }

    @AfterEach
    void stop() {
        runner.close();
        web.close();
    }

    /** What the server heard of one client. */
    private final class Recorder implements WebListener {
        final CompletableFuture<List<String>> heard = new CompletableFuture<>();
        private final List<String> events = new ArrayList<>();

        @Override
        public void onOpen(WebClient client) {
            recorders.add(this);
        }

        @Override
        public void onText(WebClient client, ByteBuffer utf8) {
            events.add("text:" + StandardCharsets.UTF_8.decode(utf8));
        }

        @Override
        public void onBinary(WebClient client, ByteBuffer bytes) {
            events.add("binary:" + hex(bytes));
        }

        @Override
        public void onPong(WebClient client, ByteBuffer payload) {
            events.add("pong:" + hex(payload));
        }

        @Override
        public void onClosed(WebClient client, int code, @Nullable Throwable cause) {
            events.add(cause instanceof WebSocketException e ? "error:" + e.code() : "close:" + code);
            heard.complete(events);
        }
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return HexFormat.of().formatHex(copy);
    }

    private static String kindOf(String event) {
        return event.substring(0, event.indexOf(':'));
    }

    /** A case that ends neither by an error nor by a close is ended by a close of the test's. */
    private static List<String> ended(List<String> events) {
        List<String> result = new ArrayList<>(events);
        String last = result.isEmpty() ? "none:" : result.get(result.size() - 1);
        if (kindOf(last).equals("close")) {
            result.set(result.size() - 1, last.substring(0, last.indexOf(':', 6))); // without the reason
        } else if (!kindOf(last).equals("error")) {
            result.add("close:1000");
        }
        return result;
    }

    private void require(ConformanceTest.Case of) throws Exception {
        List<String> expected = ended(of.events());
        String end = expected.get(expected.size() - 1);
        try (RawWebClient client = transport.open(port, "/", of.deflate() ? RawWebClient.DEFLATE : "")) {
            byte[] stream = of.stream().toBytes();
            int cut = random.nextInt(stream.length + 1);
            client.out.write(stream, 0, cut);
            client.out.write(stream, cut, stream.length - cut);
            if (of.events().size() < expected.size()) {
                client.send(new ClientFrames().close(1000, ""));
            }
            for (String event : expected) {
                if (kindOf(event).equals("ping")) {
                    RawWebClient.Frame pong = client.readFrame();
                    assertEquals(0x8A, pong.first());
                    assertEquals(event.substring(5), HexFormat.of().formatHex(pong.payload()));
                }
            }
            assertEquals(end.substring(end.indexOf(':') + 1), Integer.toString(client.readClose()));
        }
        Recorder recorder = recorders.poll(10, TimeUnit.SECONDS);
        if (recorder == null) {
            throw new TimeoutException("no client was opened");
        }
        List<String> expectedByServer =
                expected.stream().filter(event -> !kindOf(event).equals("ping")).toList();
        assertEquals(expectedByServer, recorder.heard.get(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldDoInASessionWhatTheReaderDoes() {
        ConformanceTest.cases().forEach(each -> {
            try {
                require(each);
            } catch (Exception | AssertionError e) {
                throw new AssertionError(each + ", " + TestSeed.hint(seed), e);
            }
        });
        assertEquals(0, receivePool.stats().outstandingBuffers());
    }
}
