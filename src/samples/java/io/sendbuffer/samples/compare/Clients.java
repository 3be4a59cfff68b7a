/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import io.sendbuffer.SendBufferPool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The second process: for each line {@code PORT COUNT} on its input it opens COUNT connections, checks everything
 * received, and prints the results of each phase. It ends with its input.
 */
final class Clients {
    private static final int RECEIVE_BYTES = 4 << 20;

    private static final SendBufferPool CUT_MESSAGES =
            SendBufferPool.builder().chunkSize(1 << 10).build();

    private Clients() {}

    public static void main(String[] args) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        ByteBuffer in = ByteBuffer.allocateDirect(RECEIVE_BYTES);
        String command;
        while ((command = commands.readLine()) != null) {
            String[] words = command.split(" ", -1);
            runRound(Integer.parseInt(words[0]), Integer.parseInt(words[1]), in);
        }
    }

    private static void runRound(int port, int count, ByteBuffer in) throws IOException {
        List<StreamChecker> checkers = new ArrayList<>();
        PhaseTally tally = new PhaseTally(count, System.out);
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < count; i++) {
                SocketChannel channel =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                StreamChecker checker = new StreamChecker(channel, tally, CUT_MESSAGES);
                checkers.add(checker);
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ, checker);
            }
            while (!tally.isDone()) {
                selector.select();
                for (SelectionKey key : selector.selectedKeys()) {
                    ((StreamChecker) key.attachment()).receive(in);
                }
                selector.selectedKeys().clear();
            }
        } finally {
            for (StreamChecker checker : checkers) {
                checker.close();
            }
        }
    }
}
