package io.sendbuffer.session;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadFactory;
import org.agrona.concurrent.AgentRunner;

/**
 * Several loops, each on a thread of its own, with the sessions spread over them: a new one goes to the loop that has
 * the fewest.
 *
 * <pre>{@code
 * SendLoopGroup loops = SendLoopGroup.start(cores, SendLoop.builder());
 * loops.listen(server, connection -> new Player());
 * ...
 * loops.close();                                         // closes all, within the close time-out
 * }</pre>
 *
 * <p>Callbacks of sessions on different loops run at the same time. Safe for use by any number of threads.
 */
public final class SendLoopGroup implements AutoCloseable {
    private static final int MOST_LOOPS = 1024;
    private static final ThreadFactory CLOSERS = DaemonThreads.named("send-loop-closer");

    private final List<SendLoop> loops;
    private final int closeMillis;
    private final List<AgentRunner> runners = new ArrayList<>();

    private SendLoopGroup(List<SendLoop> loops, Duration closeTimeout) {
        this.loops = List.copyOf(loops);
        this.closeMillis = (int) closeTimeout.toMillis() + AgentRunner.RETRY_CLOSE_TIMEOUT_MS;
        for (SendLoop loop : loops) {
            runners.add(loop.start());
        }
    }

    /**
     * Starts loops that are all alike, each with a daemon thread that is named after its role and numbered.
     *
     * @param count 1 to 1,024; as many as there are processors, at most, is usual
     * @throws IOException if a selector cannot be opened
     */
    public static SendLoopGroup start(int count, SendLoop.Builder settings) throws IOException {
        if (count < 1 || count > MOST_LOOPS) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "count must be between 1 and %,d, was %,d", MOST_LOOPS, count));
        }
        List<SendLoop> loops = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                loops.add(settings.buildNumbered(i));
            }
        } catch (IOException e) {
            loops.forEach(SendLoop::onClose);
            throw e;
        }
        return new SendLoopGroup(loops, settings.settings().closeTimeout());
    }

    /** Puts a connected channel on a loop; see {@link SendLoop#add}. */
    public Session add(SocketChannel channel, SessionListener listener) throws IOException {
        return leastBusy().add(channel, listener);
    }

    /** Connects to a server; see {@link SendLoop#connect}. */
    public Session connect(SocketAddress server, SessionListener listener) throws IOException {
        return leastBusy().connect(server, listener);
    }

    /** Accepts connections on the first loop, and spreads them over all; see {@link SendLoop#listen}. */
    public void listen(ServerSocketChannel server, SessionListener.Factory<? super SocketChannel> listeners)
            throws IOException {
        loops.get(0).listen(server, listeners, this::leastBusy);
    }

    /** The loops, for who wants to place a session himself. */
    public List<SendLoop> loops() {
        return loops;
    }

    /** How many sessions there are on all loops. */
    public int sessionCount() {
        return loops.stream().mapToInt(SendLoop::sessionCount).sum();
    }

    /**
     * Closes every loop with its sessions; see {@link SendLoop#onClose}. Waits until their threads have ended. Not from
     * within a callback.
     */
    @Override
    public void close() {
        List<Thread> closers = new ArrayList<>();
        for (AgentRunner runner : runners) { // at the same time, so that the close time-out is not added up
            closers.add(CLOSERS.newThread(() -> close(runner)));
        }
        closers.forEach(Thread::start);
        try {
            for (Thread closer : closers) {
                closer.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the loops end all the same
        }
    }

    /** A runner interrupts its loop when it does not end in time, which would cut the loop's own time short. */
    private void close(AgentRunner runner) {
        runner.close(closeMillis, thread -> System.err.println("sendbuffer: " + thread.getName() + " does not end"));
    }

    private SendLoop leastBusy() {
        SendLoop least = loops.get(0);
        int fewest = least.sessionCount();
        for (int i = 1; i < loops.size(); i++) {
            int count = loops.get(i).sessionCount();
            if (count < fewest) {
                least = loops.get(i);
                fewest = count;
            }
        }
        return least;
    }
}
