/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.CompletableFuture;

/**
 * Runs phases on an event loop: each tick is a task, which submits the next one.
 *
 * <p>Tasks that submit tasks run one after the other before the loop serves its channels again. That is the fastest for
 * transports that write at once. Where the loop writes at the end of its turn, and when there is nothing to do but
 * wait, the next task is submitted for the loop's next turn.
 */
public final class NettySteps {
    private final SingleThreadIoEventLoop loop;
    private final boolean turnAfterTick;

    /**
     * Creates steps.
     *
     * @param turnAfterTick whether a tick is written only when the loop's turn ends
     */
    public NettySteps(SingleThreadIoEventLoop loop, boolean turnAfterTick) {
        this.loop = loop;
        this.turnAfterTick = turnAfterTick;
    }

    /** Returns when the phase is done. */
    public void run(Phase phase) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(new Steps(phase, done));
        done.get();
    }

    private final class Steps implements Runnable {
        private final Phase phase;
        private final CompletableFuture<Void> done;
        private final Runnable nextTurn;

        Steps(Phase phase, CompletableFuture<Void> done) {
            this.phase = phase;
            this.done = done;
            this.nextTurn = () -> loop.execute(this); // one for all turns
        }

        @Override
        public void run() {
            try {
                Phase.Step step = phase.step();
                if (step == Phase.Step.DONE) {
                    done.complete(null);
                } else if (step == Phase.Step.WAITED || turnAfterTick) {
                    loop.executeAfterEventLoopIteration(nextTurn);
                } else {
                    loop.execute(this);
                }
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        }
    }
}
