package io.sendbuffer.session;

import io.sendbuffer.QueueLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;

/** What the sessions of one kind live on in a soak. */
interface SoakHost extends AutoCloseable {
    Duration WRITE_TIMEOUT = Duration.ofSeconds(2);

    /** Longer than any peer stalls, so that a close in order has the time that it takes. */
    Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    /** So little that who is slow is refused something, and that a backlog takes several writes. */
    QueueLimits QUEUE_LIMITS = new QueueLimits(40 << 10, 48, 8 << 10, 6);

    static HostSettings settings() {
        return new HostSettings()
                .queueLimits(QUEUE_LIMITS)
                .writeTimeout(WRITE_TIMEOUT)
                .closeTimeout(CLOSE_TIMEOUT);
    }

    String name();

    /** True if a sender waits for the peer. */
    boolean waits();

    /** Opens a session in one of the ways that there are, and sees to its stream being read. */
    void open(SoakSession listener, SplittableRandom random) throws Exception;

    int sessionCount();

    HostSettings hostSettings();

    @Override
    void close() throws IOException;

    /** When every stream has ended. */
    void deleteFiles() throws IOException;
}
