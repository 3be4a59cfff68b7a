package io.sendbuffer.benchmarks.latency;

import io.sendbuffer.benchmarks.net.Contenders;
import io.sendbuffer.benchmarks.net.Mode;

/** Who is measured, in which mode. */
public record Entrant(String contender, Mode mode) {
    boolean exists() {
        return Contenders.exists(contender, mode);
    }

    boolean isPeer() {
        return Contenders.isPeer(contender);
    }

    /**
     * Whether the publisher waits for the next tick spinning: with two processors, it has one and the reader the other.
     * Where an event loop writes, that is the one that needs it.
     */
    boolean spins() {
        return mode == Mode.INLINE;
    }

    @Override
    public String toString() {
        return contender + " " + mode;
    }
}
