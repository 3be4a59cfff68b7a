package io.sendbuffer.benchmarks.net;

/** Publishing for a while, in steps, so that a thread can run it in a loop and an event loop as tasks. */
interface Phase {
    enum Step {
        /** A tick went out. */
        TICKED,

        /** It was no time for one; some time has passed. */
        WAITED,

        DONE
    }

    Step step() throws Exception;
}
