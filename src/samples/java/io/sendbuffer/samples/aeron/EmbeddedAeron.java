/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.aeron;

import io.aeron.Aeron;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.nio.file.Path;
import java.util.UUID;
import org.agrona.CloseHelper;

/**
 * A media driver inside this process and its client, for messages between threads and processes on this machine. Its
 * files are in a separate directory below {@code java.io.tmpdir}, and are deleted with it.
 *
 * <p>Thread-safe.
 */
public final class EmbeddedAeron implements AutoCloseable {
    private static final String CHANNEL = "aeron:ipc";
    private static final int STREAM = 7;

    /** Small, so that back pressure shows early; a message may take an eighth of it. */
    private static final int TERM_BYTES = 64 << 10;

    private final MediaDriver driver;
    private final Aeron aeron;

    private EmbeddedAeron(MediaDriver driver, Aeron aeron) {
        this.driver = driver;
        this.aeron = aeron;
    }

    /** Starts a driver with one thread, and a client with another. */
    public static EmbeddedAeron start() {
        Path directory = Path.of(System.getProperty("java.io.tmpdir"), "sendbuffer-aeron-" + UUID.randomUUID());
        MediaDriver driver = MediaDriver.launch(new MediaDriver.Context()
                .aeronDirectoryName(directory.toString())
                .dirDeleteOnShutdown(true)
                .threadingMode(ThreadingMode.SHARED)
                .ipcTermBufferLength(TERM_BYTES));
        try {
            return new EmbeddedAeron(
                    driver, Aeron.connect(new Aeron.Context().aeronDirectoryName(driver.aeronDirectoryName())));
        } catch (RuntimeException e) {
            driver.close();
            throw e;
        }
    }

    /** Adds a publication that other threads may share. */
    public Publication addPublication() {
        return aeron.addPublication(CHANNEL, STREAM);
    }

    /** Adds a subscription, for one thread to poll. */
    public Subscription addSubscription() {
        return aeron.addSubscription(CHANNEL, STREAM);
    }

    /** Where the driver's files are. */
    public Path directory() {
        return Path.of(driver.aeronDirectoryName());
    }

    /** Ends the publications, the subscriptions and the threads, and deletes the directory. */
    @Override
    public void close() {
        CloseHelper.closeAll(aeron, driver);
    }
}
