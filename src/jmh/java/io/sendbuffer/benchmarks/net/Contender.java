package io.sendbuffer.benchmarks.net;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** One way to send the same bytes to many sessions. A process has one alone, so that its call sites see no other. */
abstract class Contender implements AutoCloseable {
    /** Publishes. One thread for all phases, as a server would have it. */
    private final ExecutorService publisher = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "publisher");
        thread.setDaemon(true);
        return thread;
    });

    /** Listens on loopback, and returns the port. */
    abstract int listen() throws Exception;

    /** Waits until so many peers are there, and takes no more. */
    abstract void awaitSessions(int count) throws Exception;

    /** What a tick is from now on. Nothing is in flight. */
    abstract void shape(Shape shape);

    /**
     * Sends a tick to all sessions, or sees to its being sent. On the thread that runs the phase.
     *
     * @param stamp what the messages begin with
     */
    abstract void tick(long stamp) throws Exception;

    /** Publishes, and returns when that is over: on a thread of its own, unless the contender has a better place. */
    void run(Phase phase) throws Exception {
        publisher
                .submit(() -> {
                    while (phase.step() != Phase.Step.DONE) {
                        // on to the next
                    }
                    return null;
                })
                .get();
    }

    /** Buffers that were not given back. Nothing is in flight. */
    long outstandingBuffers() {
        return 0;
    }

    @Override
    public void close() throws Exception {
        publisher.shutdown();
    }
}
