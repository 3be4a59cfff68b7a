package io.sendbuffer.session;

import io.sendbuffer.FlushResult;
import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A channel whose writes wait: written by the sender that wins the drain, or by a thread of the session's own. */
final class BlockingSession extends Session {
    private static final VarHandle WANTED = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "wanted", VarHandle.class, BlockingSession.class, boolean.class);

    private static final long CAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final BlockingSessions sessions;
    private final GatheringByteChannel channel;
    private final BlockingOutput output;
    private final CallbackTurn callbacks = new CallbackTurn(this);

    /** Null: senders write. */
    private final @Nullable Thread writer;

    /** There is something for the writer. Set by senders, cleared by the writer before it looks. */
    @SuppressWarnings("unused")
    private boolean wanted;

    /**
     * Creates a session that nobody knows of yet.
     *
     * @param writers who writes; null if senders do
     */
    BlockingSession(
            BlockingSessions sessions,
            GatheringByteChannel channel,
            SessionListener listener,
            @Nullable ThreadFactory writers) {
        super(sessions.settings, listener);
        this.sessions = sessions;
        this.channel = channel;
        this.output = new BlockingOutput(channel);
        this.writer = writers == null ? null : writers.newThread(this::writeUntilTheEnd);
    }

    /**
     * The first callback; then the threads of the session start.
     *
     * @param input what is read until the end; null for a channel that is only written to
     * @param threads who reads
     */
    void open(@Nullable ReadableByteChannel input, ThreadFactory threads) {
        if (writer != null) {
            writer.start();
        }
        if (input == null) {
            tellOpened();
        } else {
            threads.newThread(() -> readUntilTheEnd(input)).start();
        }
    }

    private boolean tellOpened() {
        if (!callbacks.begin()) {
            return false;
        }
        try {
            listener.onOpened(this);
            return true;
        } catch (Throwable e) {
            end(e);
            return false;
        } finally {
            callbacks.end();
        }
    }

    // ---- writing

    @Override
    public void flush() {
        if (writer == null) {
            write();
        } else {
            wakeWriter();
        }
    }

    @Override
    void flushToClose() {
        if (writer == null && queue.queuedMessages() > 0) {
            sessions.execute(this::write); // a close does not wait
        } else {
            flush();
        }
    }

    /** Writes until nothing is left, or another thread has taken over. */
    private void write() {
        FlushResult result;
        try {
            do {
                result = queue.flush(output);
            } while (result == FlushResult.BLOCKED); // a short write is none that would block, here
        } catch (Throwable e) {
            end(e); // an Error: the queue ended with it
            throw e;
        }
        if (result == FlushResult.CLOSED) {
            end(queue.failure());
        }
    }

    private void wakeWriter() {
        if (!(boolean) WANTED.getVolatile(this) && WANTED.compareAndSet(this, false, true)) {
            LockSupport.unpark(writer);
        }
    }

    private void writeUntilTheEnd() {
        while (isOpen()) {
            if (!writeIfWanted()) {
                LockSupport.park(this);
                Thread.interrupted(); // taken: with it set, no park waits
            }
        }
    }

    /** One look of the writer. False: nothing is wanted, and it may sleep until it is woken. */
    boolean writeIfWanted() {
        if (!(boolean) WANTED.getVolatile(this)) {
            return false;
        }
        WANTED.setVolatile(this, false); // before the flush: what is queued later sets it again
        write();
        return true;
    }

    @Override
    long stuckWrite() {
        return output.stuckWrite();
    }

    @Override
    boolean isCauseToCome() {
        return stuckWrite() != 0;
    }

    // ---- reading

    private void readUntilTheEnd(ReadableByteChannel input) {
        if (!tellOpened()) {
            return;
        }
        try {
            ByteBuffer receiveBuffer = ByteBuffer.allocateDirect(settings.receiveBufferSize());
            while (isOpen() && receive(input, receiveBuffer)) {}
        } catch (ClosedChannelException e) {
            end(causeOf(e));
        } catch (Throwable e) {
            end(e); // no effect if the channel was closed because another thread has just ended the session
        }
    }

    /**
     * Somebody closed the channel. If that was the interrupt of a write, the writer is about to say so, and knows
     * better.
     */
    private Throwable causeOf(ClosedChannelException closed) {
        long start = System.nanoTime();
        while (isOpen() && isCauseToCome() && System.nanoTime() - start < CAUSE_NANOS) {
            LockSupport.parkNanos(CAUSE_NANOS / 1_000);
        }
        Throwable failure = queue.failure();
        return failure != null ? failure : closed;
    }

    private boolean receive(ReadableByteChannel input, ByteBuffer receiveBuffer) throws IOException {
        receiveBuffer.clear();
        int count = input.read(receiveBuffer);
        if (!callbacks.begin()) {
            return false;
        }
        try {
            if (count >= 0) {
                listener.onReceived(this, receiveBuffer.flip());
                return true;
            }
            if (!listener.onInputEnded(this)) {
                end(new EOFException("the peer ended the connection"));
            }
            return false;
        } catch (Throwable e) {
            end(e); // here, so that the turn is still ours
            return false;
        } finally {
            callbacks.end();
        }
    }

    // ---- the end

    @Override
    void tellEnd() {
        if (writer != null) {
            LockSupport.unpark(writer);
        }
        callbacks.tellEnd();
    }

    @Override
    void ended() {
        sessions.registry.remove(this);
    }

    @Override
    Channel channel() {
        return channel;
    }

    @Override
    @Nullable
    SocketAddress peerAddress() throws IOException {
        return channel instanceof SocketChannel socket ? socket.getRemoteAddress() : null;
    }
}
