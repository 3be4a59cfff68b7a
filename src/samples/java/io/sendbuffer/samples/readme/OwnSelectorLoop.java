/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendQueue;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The second example of the README: the core alone, inside a selector loop that the server already has. */
public final class OwnSelectorLoop {
    /** The write quantum: a receiver with a long queue does not keep the loop from the others. */
    private static final long WRITE_QUANTUM = 1 << 20;

    private final Selector selector;
    private final Queue<SelectionKey> handedOver = new ConcurrentLinkedQueue<>();

    /** Serves the keys of a selector, each with a {@link SendQueue} attached. */
    public OwnSelectorLoop(Selector selector) {
        this.selector = selector;
    }

    // README: selector
    /** On the loop's thread. Another thread offers, hands the key to the loop, and wakes the selector. */
    public void send(SelectionKey key, SendBuffer message) throws IOException {
        SendQueue queue = (SendQueue) key.attachment(); // one for each receiver
        switch (queue.offer(message)) {
            case QUEUED -> flush(key);
            case TOO_LARGE -> throw new IllegalArgumentException("larger than all that a queue may hold");
            default -> drop(key); // it stopped reading, or is gone
        }
    }

    /** After a send, and when the selector says that the key is writable. */
    private void flush(SelectionKey key) throws IOException {
        SendQueue queue = (SendQueue) key.attachment();
        switch (queue.flush((SocketChannel) key.channel(), WRITE_QUANTUM)) {
            case DRAINED -> key.interestOpsAnd(~SelectionKey.OP_WRITE);
            case BLOCKED, MORE -> key.interestOpsOr(SelectionKey.OP_WRITE); // a partial write keeps its place
            case BUSY -> {} // another thread drains, and writes ours too
            case CLOSED -> drop(key);
        }
    }
    // README: end

    /** On any other thread: offers, hands the key to the loop, and wakes the selector. The loop's thread writes. */
    public OfferResult sendFromElsewhere(SelectionKey key, SendBuffer message) {
        SendQueue queue = (SendQueue) key.attachment();
        OfferResult result = queue.offer(message);
        if (result.isRefused()) {
            queue.close(); // it stopped reading; the loop's flush detects that, and drops it
        }
        handedOver.add(key);
        selector.wakeup();
        return result;
    }

    /** One turn of the loop. */
    public void turn(long timeoutMillis) throws IOException {
        selector.select(timeoutMillis);
        SelectionKey handed;
        while ((handed = handedOver.poll()) != null) {
            flush(handed);
        }
        for (SelectionKey key : selector.selectedKeys()) {
            if (key.isValid() && key.isWritable()) {
                flush(key);
            }
        }
        selector.selectedKeys().clear();
    }

    private static void drop(SelectionKey key) throws IOException {
        ((SendQueue) key.attachment()).close(); // releases what is queued
        key.channel().close();
    }
}
