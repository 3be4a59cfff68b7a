package io.sendbuffer.session;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What sessions that are on no loop are made of, one for all states. Of its threads none has to do with them: the clock
 * does not know them, and their channels are stubs.
 */
final class Kinds {
    static final AsyncSessions ASYNC = async();
    static final BlockingSessions BLOCKING = BlockingSessions.builder()
            .receiveBufferSize(1)
            .errorHandler(error -> {})
            .build();

    private Kinds() {}

    private static AsyncSessions async() {
        try {
            return AsyncSessions.builder()
                    .threads(1)
                    .receiveBufferSize(1)
                    .errorHandler(error -> {}) // what an error does to the invariant shows in the test's outcome
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
