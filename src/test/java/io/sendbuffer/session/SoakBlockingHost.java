package io.sendbuffer.session;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/**
 * Blocking sessions over channels that are no sockets: over files, whose content is checked at the end, and doubles.
 */
final class SoakBlockingHost implements SoakHost {
    /** What is behind a session, and who writes. */
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
    private final SoakTally tally;
    private final SoakPeers peers;
    private final HostSettings settings = SoakHost.settings();
    private final BlockingSessions sessions;
    private final Path directory = Files.createTempDirectory("soak");

    SoakBlockingHost(Output output, SoakTally tally, SoakPeers peers) throws IOException {
        this.output = output;
        this.tally = tally;
        this.peers = peers;
        this.sessions = settings.applyTo(BlockingSessions.builder().writeMode(output.mode))
                .build();
    }

    @Override
    public String name() {
        return output.name();
    }

    @Override
    public boolean waits() {
        return output.mode == WriteMode.INLINE;
    }

    @Override
    public void open(SoakSession listener, SplittableRandom random) throws IOException {
        if (output == Output.FILE) {
            Path file = Files.createTempFile(directory, "stream", "");
            listener.whenClosed(() -> peers.execute(() -> check(file, listener)));
            sessions.addOutput(FileChannel.open(file, StandardOpenOption.WRITE), listener);
        } else {
            sessions.addOutput(new SoakDouble(listener, tally, peers::areCalm, random.split()), listener);
        }
    }

    /** After onClosed: the channel is closed, so all that will ever be written is. */
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
    public int sessionCount() {
        return sessions.sessionCount();
    }

    @Override
    public HostSettings hostSettings() {
        return settings;
    }

    @Override
    public void close() {
        sessions.close();
    }

    @Override
    public void deleteFiles() throws IOException {
        SoakWires.delete(directory);
    }
}
