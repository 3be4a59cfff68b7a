/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.latency;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Reader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * Records for each message how long ago it was due. Answers {@code report} with the percentiles since the last report,
 * in nanoseconds, and with their histogram. All processes on a machine share one clock.
 */
final class RecordingReader extends Reader {
    private static final int BUFFER_BYTES = 16 << 10;
    private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final int DIGITS = 3;

    private final SingleWriterRecorder recorder = new SingleWriterRecorder(MAX_NANOS, DIGITS);

    private RecordingReader(String[] args) throws IOException {
        super(args);
    }

    public static void main(String[] args) throws IOException {
        new RecordingReader(args).run();
    }

    /** A buffer per channel, which keeps the incomplete message at the end of a read. */
    @Override
    protected Object attachment() {
        return ByteBuffer.allocateDirect(BUFFER_BYTES);
    }

    @Override
    protected int read(SocketChannel channel, SelectionKey key) throws IOException {
        ByteBuffer buffer = (ByteBuffer) key.attachment();
        int count = channel.read(buffer);
        if (count > 0) {
            record(buffer, System.nanoTime(), counters().recordFrom());
        }
        return count;
    }

    private void record(ByteBuffer buffer, long now, long from) {
        buffer.flip();
        while (buffer.remaining() >= Latency.MESSAGE_BYTES) {
            long due = buffer.getLong(buffer.position());
            buffer.position(buffer.position() + Latency.MESSAGE_BYTES);
            if (from != 0 && due - from >= 0) {
                recorder.recordValue(Math.max(0, Math.min(MAX_NANOS, now - due)));
            }
        }
        buffer.compact();
    }

    private static String encode(Histogram histogram) {
        ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        histogram.encodeIntoCompressedByteBuffer(bytes);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), bytes.position()));
    }

    @Override
    protected Line answer(Line order) {
        if (!order.name().equals("report")) {
            return super.answer(order);
        }
        return report(recorder.getIntervalHistogram());
    }

    static Line report(Histogram histogram) {
        Line report = Line.of("latencies").with("count", histogram.getTotalCount());
        Latency.PERCENTILES.forEach(
                (name, percentile) -> report.with(name, histogram.getValueAtPercentile(percentile)));
        return report.with("max", histogram.getMaxValue()).with("histogram", encode(histogram));
    }
}
