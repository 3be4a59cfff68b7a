/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.session.BlockingSessions;
import io.sendbuffer.session.WriteMode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/**
 * Blocking sessions over channels that are no sockets: over files, whose content is checked at the end, and over test
 * doubles.
 */
final class SoakBlockingHost extends SoakHost {
    /** What a session writes to, and in which mode. */
    enum Output {
        FILE(WriteMode.INLINE),
        DOUBLE_INLINE(WriteMode.INLINE),
        DOUBLE_WRITER(WriteMode.LOOP);

        private final WriteMode mode;

        Output(WriteMode mode) {
            this.mode = mode;
        }
    }

    private static final int MUCH = 8 << 10;

    private final Output output;
    private final BlockingSessions sessions;
    private final Path directory = Files.createTempDirectory("soak");

    SoakBlockingHost(Output output, SoakPopulation population, SoakPeers peers) throws IOException {
        super(output.name(), population, peers);
        this.output = output;
        SoakThreads threads = new SoakThreads(faults);
        this.sessions = settings.applyTo(
                        BlockingSessions.builder().threads(threads).writeMode(output.mode))
                .build();
        threads.beginToFail();
    }

    @Override
    boolean waits() {
        return output.mode == WriteMode.INLINE;
    }

    @Override
    void open(SoakSession listener, SplittableRandom random) throws IOException {
        if (output == Output.FILE) {
            Path file = Files.createTempFile(directory, "stream", "");
            listener.whenOver(() -> peers.execute(() -> check(file, listener)));
            add(FileChannel.open(file, StandardOpenOption.WRITE), listener);
        } else {
            add(new SoakDouble(listener, tally, faults, peers::areCalm, random.split()), listener);
        }
    }

    private void add(GatheringByteChannel channel, SoakSession listener) {
        try {
            listener.join(sessions.addOutput(channel, listener));
        } catch (Throwable e) {
            if (!(e instanceof SoakThrown) && !SoakErrors.isOfThreads(e) && !(SoakErrors.isRefusal(e) && isClosing())) {
                throw new AssertionError(name() + " refused a session", e);
            }
            listener.notMade(e);
            SoakWires.close(channel); // the caller keeps the channel if it is not taken
        }
    }

    /** Called after onClosed: the channel is closed, so everything that will ever be written is written. */
    private void check(Path file, SoakSession session) {
        try (FileChannel content = FileChannel.open(file, StandardOpenOption.READ)) {
            while (session.stream.read(content, MUCH) >= 0) {}
            Files.delete(file);
        } catch (IOException | AssertionError e) {
            tally.fail(new AssertionError(session.toString(), e));
        }
        session.streamEnded();
    }

    @Override
    int sessionCount() {
        return sessions.sessionCount();
    }

    @Override
    void closeSessions() {
        sessions.close();
    }

    @Override
    void deleteFiles() throws IOException {
        SoakWires.delete(directory);
    }
}
