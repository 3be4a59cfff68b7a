/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random streams: right ones are read as they were meant, and wrong ones as they are read byte by byte. */
class FuzzedFramesTest {
    private static final int MAX_MESSAGE = 5_000;
    private static final int ROUNDS = 3_000;

    private final long seed = TestSeed.next();
    private final SplittableRandom random = new SplittableRandom(seed);
    private final Spare<MessageInflater> inflaters = new Spare<>(MessageInflater::new, MessageInflater::end);
    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(1 << 10).maxMemory(8 << 20).build());

    private byte[] randomBytes(int bound) {
        byte[] bytes = new byte[random.nextInt(bound)];
        boolean isAscii = random.nextBoolean();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (isAscii ? 'a' + random.nextInt(26) : random.nextInt());
        }
        return bytes;
    }

    private void addMessage(ClientFrames stream, List<String> expected) {
        byte[] content = randomBytes(random.nextInt(4) == 0 ? 3_000 : 200);
        boolean deflated = random.nextBoolean();
        byte[] payload = deflated ? ClientFrames.deflated(content) : content;
        int first = ClientFrames.BINARY | (deflated ? ClientFrames.RSV1 : 0);
        int at = 0;
        while (random.nextInt(3) == 0) {
            int end = at + random.nextInt(payload.length - at + 1);
            stream.frame(first, java.util.Arrays.copyOfRange(payload, at, end), random.nextInt());
            first = ClientFrames.CONTINUATION;
            at = end;
            if (random.nextBoolean()) {
                byte[] ping = randomBytes(126);
                stream.frame(ClientFrames.FINAL | ClientFrames.PING, ping, random.nextInt());
                expected.add("ping:" + HexFormat.of().formatHex(ping));
            }
        }
        stream.frame(
                ClientFrames.FINAL | first,
                java.util.Arrays.copyOfRange(payload, at, payload.length),
                random.nextInt());
        expected.add("binary:" + HexFormat.of().formatHex(content));
    }

    private int[] randomCuts(int length) {
        return random.ints(random.nextInt(8), 0, length + 1).sorted().toArray();
    }

    @Test
    void shouldReadWhatWasMeantHoweverItWasFragmentedMaskedAndCut() {
        for (int round = 0; round < ROUNDS; round++) {
            ClientFrames stream = new ClientFrames();
            List<String> expected = new ArrayList<>();
            for (int i = random.nextInt(5); i >= 0; i--) {
                addMessage(stream, expected);
            }
            byte[] bytes = stream.toBytes();
            assertEquals(
                    expected,
                    ReadEvents.of(pool, MAX_MESSAGE, inflaters, bytes, randomCuts(bytes.length)),
                    TestSeed.hint(seed));
        }
        inflaters.close();
    }

    @Test
    void shouldMakeTheSameOfAnyBytesHoweverTheyAreCut() {
        for (int round = 0; round < ROUNDS; round++) {
            ClientFrames stream = new ClientFrames();
            addMessage(stream, new ArrayList<>());
            stream.text("\u20AC text").close(1000, "bye");
            byte[] bytes = stream.toBytes();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            }
            List<String> whole = ReadEvents.of(pool, MAX_MESSAGE, inflaters, bytes);
            assertEquals(
                    whole,
                    ReadEvents.of(pool, MAX_MESSAGE, inflaters, bytes, randomCuts(bytes.length)),
                    TestSeed.hint(seed));
            assertEquals(0, pool.stats().outstandingBuffers(), TestSeed.hint(seed));
        }
        inflaters.close();
    }

    @Test
    void shouldFindAnErrorInNoiseOrWaitForMore() {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            assertEquals(
                    ReadEvents.of(pool, MAX_MESSAGE, inflaters, noise),
                    ReadEvents.of(pool, MAX_MESSAGE, inflaters, noise, randomCuts(noise.length)),
                    TestSeed.hint(seed));
        }
        inflaters.close();
    }
}
