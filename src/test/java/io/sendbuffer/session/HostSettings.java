package io.sendbuffer.session;

import io.sendbuffer.QueueLimits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The settings of the sessions of a contract test: usual ones, unless the test says otherwise. */
final class HostSettings {
    /** What the error handler was told. */
    final List<Throwable> errors = new CopyOnWriteArrayList<>();

    QueueLimits queueLimits = QueueLimits.DEFAULT;
    Duration closeTimeout = Duration.ofSeconds(10);
    Duration writeTimeout = Duration.ofSeconds(30);

    HostSettings queueLimits(QueueLimits limits) {
        queueLimits = limits;
        return this;
    }

    HostSettings closeTimeout(Duration time) {
        closeTimeout = time;
        return this;
    }

    HostSettings writeTimeout(Duration time) {
        writeTimeout = time;
        return this;
    }

    <B extends SessionBuilder<B>> B applyTo(B builder) {
        return builder.queueLimits(queueLimits)
                .closeTimeout(closeTimeout)
                .writeTimeout(writeTimeout)
                .errorHandler(errors::add);
    }
}
