/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Reader;
import io.sendbuffer.benchmarks.net.Resp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The reader process: started with the port of the subscribers that count, the port of the others, the file of the
 * counters, and the {@link Setup}.
 */
final class SubscriberReader extends Reader {
    private static final int BUFFER_BYTES = 256 << 10;
    private static final Object COUNTED = "counted";
    private static final Object NOT_COUNTED = "not counted";

    private final int otherPort;
    private final Setup setup;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    /** No selector has them: nothing but this list keeps them open. Of the thread that takes orders. */
    private final List<SocketChannel> stalled = new ArrayList<>();

    private SubscriberReader(int port, int otherPort, Path counters, Setup setup) throws IOException {
        super(counters);
        for (int i = 0; i < setup.readers(); i++) {
            receive(subscribe(open(port, 0), setup), COUNTED);
        }
        this.otherPort = otherPort;
        this.setup = setup;
        if (setup.role() == Setup.Role.STALLED) {
            openStalled();
        } else {
            for (int i = 0; i < setup.others(); i++) {
                receive(openOther(), NOT_COUNTED);
            }
        }
    }

    private SocketChannel openOther() throws IOException {
        return subscribe(open(otherPort, setup.kernelBytes()), setup);
    }

    private void openStalled() throws IOException {
        for (int i = 0; i < setup.others(); i++) {
            stalled.add(openOther());
        }
    }

    /** Those that stall leave, and as many come. */
    @Override
    protected Line answer(Line order) {
        if (!order.name().equals("renew")) {
            return super.answer(order);
        }
        try {
            for (SocketChannel channel : stalled) {
                channel.close();
            }
            stalled.clear();
            openStalled();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Line.of("renewed");
    }

    private static SocketChannel subscribe(SocketChannel channel, Setup setup) throws IOException {
        if (Resp.isSpokenBy(setup.contender())) {
            Resp.subscribe(channel);
        }
        return channel;
    }

    public static void main(String[] args) throws IOException {
        new SubscriberReader(
                        Integer.parseInt(args[0]), Integer.parseInt(args[1]), Path.of(args[2]), Setup.parse(args[3]))
                .run();
    }

    @Override
    protected int read(SocketChannel channel, SelectionKey key) throws IOException {
        int count = channel.read(buffer.clear());
        return count > 0 && key.attachment() == NOT_COUNTED ? 0 : count;
    }
}
