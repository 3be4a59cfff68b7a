/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sendbuffer.PoolExhaustedException;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pools that are full. */
class NoMemoryTest {
    private static final int CHUNK = 1 << 10;

    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(CHUNK).maxMemory(200 * CHUNK).build());
    private final Spare<MessageInflater> inflaters = new Spare<>(MessageInflater::new, MessageInflater::end);
    private final List<SendBuffer> taken = new ArrayList<>();

    private void fill() {
        for (int size : new int[] {CHUNK, 1}) {
            for (SendBuffer each = pool.tryAcquire(size); each != null; each = pool.tryAcquire(size)) {
                taken.add(each);
            }
        }
    }

    @AfterEach
    void giveBack() {
        taken.forEach(SendBuffer::release);
        inflaters.close();
    }

    @Test
    void shouldReadInPlaceAndCloseAClientWhoseMessageIsCut() {
        fill();
        byte[] texts = new ClientFrames().text("one").text("two").toBytes();
        assertEquals(List.of("text:one", "text:two"), ReadEvents.of(pool, 100, null, texts));
        assertEquals(List.of("text:one", "error:1013"), ReadEvents.of(pool, 100, null, texts, texts.length - 1));
        byte[] deflated = new ClientFrames()
                .frame(0xC1, ClientFrames.deflated(ClientFrames.utf8("text")))
                .toBytes();
        assertEquals(List.of("error:1013"), ReadEvents.of(pool, 100, inflaters, deflated));
        assertEquals(taken.size(), pool.stats().outstandingBuffers());
    }

    @Test
    void shouldGiveBackWhatHadBegunWhenTheRestHasNoRoom() {
        ReadEvents events = new ReadEvents();
        WebSocketReader reader = new WebSocketReader(pool, 50_000, null, events);
        reader.read(ByteBuffer.wrap(
                new ClientFrames().header(0x82, 2, 50_000, 0).raw(1).toBytes()));
        fill();
        assertThrows(WebSocketException.class, () -> reader.read(ByteBuffer.allocate(20_000)));
        reader.close();
        assertEquals(taken.size(), pool.stats().outstandingBuffers());
    }

    @Test
    void shouldAnswerARequestThatIsCutWith503() {
        fill();
        RequestReader whole = new RequestReader(pool);
        byte[] request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        assertNotNull(whole.read(ByteBuffer.wrap(request)));
        RequestReader cut = new RequestReader(pool);
        HttpException e = assertThrows(HttpException.class, () -> cut.read(ByteBuffer.wrap(request, 0, 5)));
        assertEquals(HttpStatus.UNAVAILABLE, e.status);
        cut.close();
    }

    @Test
    void shouldLeaveNothingOfATickThatCouldNotBeMade() {
        WebServer web = WebServer.builder(pool).receivePool(pool).build();
        WebTick tick = new WebTick(web);
        tick.addText("text ".repeat(30)).addText("more ".repeat(600));
        fill();
        assertThrows(PoolExhaustedException.class, () -> tick.addText("no room"));
        taken.remove(0).release(); // room for the first event, and not for the second
        assertThrows(PoolExhaustedException.class, () -> tick.batch(WebKind.EVENTS));
        assertThrows(PoolExhaustedException.class, () -> tick.batch(WebKind.EVENTS));
        fill();
        assertEquals(2, tick.batch(WebKind.WEB_SOCKET).size());
        assertNull(web.pongFrame(ByteBuffer.allocate(3)));
        taken.forEach(SendBuffer::release);
        taken.clear();
        assertEquals(2, tick.batch(WebKind.EVENTS).size(), "made when there is room");
        tick.close();
        web.close();
        assertEquals(0, pool.stats().outstandingBuffers());
    }
}
