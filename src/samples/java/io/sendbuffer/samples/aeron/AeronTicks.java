/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.aeron;

import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.logbuffer.Header;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.samples.aeron.AeronPublisher.Offered;
import java.nio.ByteOrder;
import java.time.Duration;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * Publishes ticks through an embedded Aeron, and checks that each of them arrives as it was written. One thread does
 * both in turn, to keep the sample on one page: it polls whenever the log is full.
 */
public final class AeronTicks {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int FRAGMENTS_OF_A_POLL = 10;

    private final SendBufferPool pool;
    private final int ticks;
    private int published;
    private int arrived;
    private long timesFull;

    private AeronTicks(SendBufferPool pool, int ticks) {
        this.pool = pool;
        this.ticks = ticks;
    }

    /**
     * The result of a run.
     *
     * @param arrived ticks that arrived intact
     * @param timesFull how often a tick had to wait for the subscriber
     */
    public record Result(int arrived, long timesFull) {}

    /** The command. */
    public static void main(String[] args) {
        try (SendBufferPool pool = SendBufferPool.builder().build()) {
            Result result = run(pool, 100_000);
            System.out.printf(
                    "%d ticks arrived as they were written; the log was full %d times; %d buffers outstanding%n",
                    result.arrived, result.timesFull, pool.stats().outstandingBuffers());
        }
    }

    /**
     * Publishes n ticks and receives them.
     *
     * @throws IllegalStateException if a tick is lost or wrong, or if it takes too long
     */
    public static Result run(SendBufferPool pool, int ticks) {
        try (EmbeddedAeron aeron = EmbeddedAeron.start();
                Publication publication = aeron.addPublication();
                Subscription subscription = aeron.addSubscription()) {
            AeronTicks run = new AeronTicks(pool, ticks);
            run.exchange(new AeronPublisher(publication), subscription);
            return new Result(run.arrived, run.timesFull);
        }
    }

    private void exchange(AeronPublisher publisher, Subscription subscription) {
        IdleStrategy idle = new BackoffIdleStrategy();
        long start = System.nanoTime();
        while (arrived < ticks) {
            boolean taken = published < ticks && publish(publisher);
            if (!taken) {
                idle.idle(subscription.poll(this::check, FRAGMENTS_OF_A_POLL));
            }
            require(System.nanoTime() - start < PATIENCE.toNanos(), "only " + arrived + " ticks arrived");
        }
    }

    private boolean publish(AeronPublisher publisher) {
        Offered offered;
        try (SendBuffer tick = pool.acquire(64)) { // a slice of off-heap memory, ours
            tick.putLong(published).putAscii(textOf(published)); // written once
            offered = publisher.offer(tick.seal()); // copied into Aeron's log, or not taken
        } // our reference ends here, and it was the only one: the slice is free
        switch (offered) {
            case TAKEN -> published++;
            case FULL -> timesFull++;
            case NOT_CONNECTED -> {} // Aeron has not found the subscription yet
            case ENDED -> throw new IllegalStateException("the publication has ended");
        }
        return offered == Offered.TAKEN;
    }

    /** Receives from the subscription; a tick is shorter than Aeron's fragments. */
    private void check(DirectBuffer bytes, int offset, int length, Header header) {
        long number = bytes.getLong(offset, ByteOrder.BIG_ENDIAN); // the default byte order of a SendBuffer
        String text = bytes.getStringWithoutLengthAscii(offset + Long.BYTES, length - Long.BYTES);
        require(number == arrived, "tick " + number + " where " + arrived + " was due");
        require(text.equals(textOf(arrived)), "tick " + number + " says " + text);
        arrived++;
    }

    private static String textOf(int number) {
        return "tick " + number;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
