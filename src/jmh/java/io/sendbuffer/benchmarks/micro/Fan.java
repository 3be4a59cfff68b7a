/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

/** A tick to many receivers whose channels take everything at once: the cost of sending without the system calls. */
abstract class Fan implements AutoCloseable {
    /** The length of each message, in bytes. */
    static final int LENGTH = 64;

    static Fan named(String name, int sessions) {
        return switch (name) {
            case "sendbuffer" -> new SendBufferFan(sessions);
            case "sendbuffer-batch" -> new SendBufferBatchFan(sessions);
            case "netty" -> new NettyFan(sessions);
            case "copy" -> new CopyFan(sessions);
            default -> throw new IllegalArgumentException("no such contender: " + name);
        };
    }

    /** Writes n messages, sends each to all, and has everything written. */
    abstract void tick(int messages, long value);

    /** The bytes that all channels have taken so far. */
    abstract long taken();

    @Override
    public abstract void close();
}
