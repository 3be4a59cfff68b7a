/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.frame;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A format, and how a peer writes it: independent of the code that reads it. */
record Wire(String name, FrameFormat format, Encoding encoding) {
    interface Encoding {
        byte[] encode(byte[] content);
    }

    @Override
    public String toString() {
        return name;
    }

    byte[] encoded(List<byte[]> contents) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        contents.forEach(content -> stream.writeBytes(encoding.encode(content)));
        return stream.toByteArray();
    }

    static List<Wire> all() {
        List<Wire> all = new ArrayList<>();
        for (int width = 1; width <= 8; width++) {
            int bytes = width;
            all.add(new Wire("big " + width, FrameFormat.lengthField(width), c -> big(bytes, c.length, c)));
            all.add(new Wire(
                    "little " + width, FrameFormat.lengthField(width).littleEndian(), c -> little(bytes, c.length, c)));
            all.add(new Wire(
                    "with itself " + width,
                    FrameFormat.lengthField(width).countsWholeFrame(),
                    c -> big(bytes, c.length + bytes, c)));
        }
        all.add(new Wire(
                "behind other fields, all counted",
                FrameFormat.lengthField(4).at(3).countsWholeFrame(),
                c -> join(new byte[] {9, 0, -1}, big(4, c.length + 7, c))));
        all.add(new Wire(
                "behind other fields, adjusted",
                FrameFormat.lengthField(2).littleEndian().at(255).adjustedBy(-3),
                c -> join(new byte[255], little(2, c.length + 3, c))));
        all.add(new Wire("varint", FrameFormat.varint(), c -> join(varint(c.length), c)));
        all.add(new Wire(
                "varint, adjusted",
                FrameFormat.varint().at(1).adjustedBy(-200),
                c -> join(new byte[] {5}, varint(c.length + 200), c)));
        all.add(new Wire("LF", FrameFormat.lines(), c -> join(text(c), new byte[] {'\n'})));
        all.add(new Wire("CR LF", FrameFormat.lines(), c -> join(text(c), new byte[] {'\r', '\n'})));
        all.add(new Wire("NUL", FrameFormat.delimiter((byte) 0), c -> join(text(c), new byte[1])));
        byte[] tricky = {'a', 'a', 'b', 'a', 'a', 'c'};
        all.add(new Wire("aabaac", FrameFormat.delimiter(tricky), c -> join(text(c), tricky)));
        return all;
    }

    static byte[] big(int width, long value, byte[] content) {
        byte[] field = new byte[width];
        for (int i = 0; i < width; i++) {
            field[width - 1 - i] = (byte) (value >>> (8 * i));
        }
        return join(field, content);
    }

    static byte[] little(int width, long value, byte[] content) {
        byte[] field = new byte[width];
        for (int i = 0; i < width; i++) {
            field[i] = (byte) (value >>> (8 * i));
        }
        return join(field, content);
    }

    static byte[] varint(long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long rest = value;
        for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
            out.write((int) (rest & 0x7F) | 0x80);
        }
        out.write((int) rest);
        return out.toByteArray();
    }

    /** Content that has no delimiter in it, but much of each. */
    private static byte[] text(byte[] content) {
        byte[] text = new byte[content.length];
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) ('a' + (content[i] & 1));
        }
        return text;
    }

    /** What the reader is to hand over. */
    byte[] contentOf(byte[] content) {
        boolean isText = format instanceof DelimiterFormat;
        return isText ? text(content) : content;
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** Lengths from nothing to what one byte counts, less the longest length field. */
    static List<byte[]> contents(SplittableRandom random, int count, int bound) {
        List<byte[]> contents = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] content = new byte[random.nextInt(bound)];
            random.nextBytes(content);
            contents.add(content);
        }
        return contents;
    }

    static byte[] bytes(ByteBuffer frame) {
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }
}
