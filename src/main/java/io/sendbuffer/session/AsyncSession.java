package io.sendbuffer.session;

import io.sendbuffer.SendQueue;
import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channel;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An asynchronous socket with at most one gathering write pending. The window of the queue belongs to that write until
 * its completion, which releases what is out and starts the next one.
 *
 * <p>The JDK's own time-out of a write is not used: where it completes a write that the system has not given up, the
 * memory might be reused while it is read. A write that is late ends the session, which closes the channel, and the
 * window waits for the completion that follows from that.
 */
final class AsyncSession extends Session {
    private static final VarHandle WRITE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "write", VarHandle.class, AsyncSession.class, long.class);

    /** So an input that never pauses does not keep its thread from others. */
    private static final int READS_PER_TURN = 16;

    private final AsyncSessions sessions;
    private final AsynchronousSocketChannel channel;
    private final CallbackTurn callbacks = new CallbackTurn(this);

    /** Until then nobody writes. */
    private volatile boolean connected;

    // Owned by whoever claimed the queue's drain; handed from starter to completion by the handoff.
    private final Handoff writing = new Handoff();
    private final CompletionHandler<Long, @Nullable Void> onWritten = new Written();
    private final Runnable resumeWriting = this::resumeWriting;
    private long written;
    private @Nullable Throwable writeFailure;
    private int buffersToWrite;

    /** Odd while a write is pending, another number for each: what the clock looks at. Written by the drain's owner. */
    @SuppressWarnings("unused")
    private long write;

    // Owned by whoever goes on reading.
    private final Handoff reading = new Handoff();
    private final CompletionHandler<Integer, @Nullable Void> onRead = new Read();
    private final Runnable resumeReading = this::read;
    private final ByteBuffer receiveBuffer;
    private int received;
    private @Nullable Throwable readFailure;

    AsyncSession(AsyncSessions sessions, AsynchronousSocketChannel channel, SessionListener listener) {
        super(sessions.settings, listener);
        this.sessions = sessions;
        this.channel = channel;
        this.receiveBuffer = ByteBuffer.allocateDirect(settings.receiveBufferSize());
    }

    // ---- opening

    void connect(SocketAddress server) {
        connectWithinTimeout();
        try {
            channel.connect(server, null, new Connected());
        } catch (RuntimeException e) {
            end(e);
        }
    }

    /** The channel is connected: the first callback, and then reading goes on until the end. */
    void open() {
        connected(); // the clock
        connected = true; // before the flush: who saw it unset had queued before
        if (callbacks.begin()) {
            boolean opened = tellOpened();
            callbacks.end();
            if (opened) {
                flush();
                read();
            }
        }
    }

    private boolean tellOpened() {
        try {
            listener.onOpened(this);
            return true;
        } catch (Throwable e) {
            end(e);
            return false;
        }
    }

    // ---- writing

    @Override
    public void flush() {
        if (connected) {
            writeOn(begin());
        }
    }

    private int begin() {
        try {
            return queue.beginWrite();
        } catch (Throwable e) {
            end(e); // an Error: the queue ended with it
            throw e;
        }
    }

    @Override
    void flushToClose() {
        flush();
    }

    /** Goes on after a turn that was over, on a thread that has nothing else to do. */
    private void resumeWriting() {
        writeOn(buffersToWrite);
    }

    /** Writes what was begun and all that is queued meanwhile, until a completion goes on, or the turn is over. */
    private void writeOn(int buffers) {
        try {
            writeATurn(buffers);
        } catch (Throwable e) {
            end(e); // an Error: the queue ended with it
            throw e;
        }
    }

    private void writeATurn(int buffers) {
        long left = settings.bytesPerTurn();
        int next = buffers;
        while (next > 0) {
            if (left <= 0) {
                buffersToWrite = next;
                continueLater();
                return;
            }
            if (!write(next)) {
                return;
            }
            left -= written;
            next = complete();
        }
        if (next == SendQueue.ENDED) {
            end(queue.failure());
        }
    }

    private void continueLater() {
        try {
            sessions.execute(resumeWriting);
        } catch (RuntimeException e) {
            fail(e); // all is closed
        }
    }

    /** Starts a write. Returns true if it has completed, and this thread goes on. */
    private boolean write(int buffers) {
        writeFailure = null;
        writing.start();
        pendingOpaque();
        try {
            channel.write(queue.writeBuffers(), 0, buffers, 0, TimeUnit.MILLISECONDS, null, onWritten);
        } catch (Throwable e) {
            if (writing.leaveToCompletion()) {
                fail(e); // refused: there will be no completion
                return false;
            }
            end(e); // completed, and failed all the same
        }
        return !writing.leaveToCompletion();
    }

    private int completeOrEnd() {
        try {
            return complete();
        } catch (Throwable e) {
            end(e);
            throw e;
        }
    }

    /** Takes what a completed write brought. Returns how many buffers to write next. */
    private int complete() {
        Throwable failure = writeFailure;
        if (failure != null) {
            fail(failure);
            return 0;
        }
        notPendingOpaque();
        return queue.completeWrite(written);
    }

    private void fail(Throwable cause) {
        notPendingOpaque();
        queue.failWrite(cause);
        end(cause);
    }

    private void pendingOpaque() {
        WRITE.setOpaque(this, write | 1);
    }

    private void notPendingOpaque() {
        WRITE.setOpaque(this, (write | 1) + 1);
    }

    @Override
    long stuckWrite() {
        long now = (long) WRITE.getOpaque(this);
        return (now & 1) == 0 ? 0 : now;
    }

    // ---- reading

    private void read() {
        for (int i = 0; i < READS_PER_TURN; i++) {
            if (!isOpen() || !readOnce() || !receive()) {
                return;
            }
        }
        try {
            sessions.execute(resumeReading);
        } catch (RuntimeException e) {
            end(e);
        }
    }

    /** Starts a read. Returns true if it has completed, and this thread goes on. */
    private boolean readOnce() {
        readFailure = null;
        receiveBuffer.clear();
        reading.start();
        try {
            channel.read(receiveBuffer, null, onRead);
        } catch (Throwable e) {
            end(e);
            return false;
        }
        return !reading.leaveToCompletion();
    }

    /** Takes what a completed read brought. Returns true if there may be more. */
    private boolean receive() {
        Throwable failure = readFailure;
        if (failure != null) {
            end(failure);
            return false;
        }
        if (!callbacks.begin()) {
            return false;
        }
        boolean more = false;
        try {
            more = tellReceived();
        } catch (Throwable e) {
            end(e);
        } finally {
            callbacks.end();
        }
        return more;
    }

    private boolean tellReceived() {
        if (received >= 0) {
            listener.onReceived(this, receiveBuffer.flip());
            return true;
        }
        if (!listener.onInputEnded(this)) {
            end(new EOFException("the peer ended the connection"));
        }
        return false;
    }

    // ---- the end

    @Override
    void tellEnd() {
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
        return channel.getRemoteAddress();
    }

    // ---- completions

    private final class Written implements CompletionHandler<Long, @Nullable Void> {
        @Override
        public void completed(Long count, @Nullable Void nothing) {
            written = count;
            goOn();
        }

        @Override
        public void failed(Throwable cause, @Nullable Void nothing) {
            writeFailure = cause;
            goOn();
        }

        private void goOn() {
            if (!writing.leaveToStarter()) {
                writeOn(completeOrEnd());
            }
        }
    }

    private final class Read implements CompletionHandler<Integer, @Nullable Void> {
        @Override
        public void completed(Integer count, @Nullable Void nothing) {
            received = count;
            goOn();
        }

        @Override
        public void failed(Throwable cause, @Nullable Void nothing) {
            readFailure = cause;
            goOn();
        }

        private void goOn() {
            if (!reading.leaveToStarter() && receive()) {
                read();
            }
        }
    }

    private final class Connected implements CompletionHandler<@Nullable Void, @Nullable Void> {
        @Override
        public void completed(@Nullable Void result, @Nullable Void nothing) {
            open();
        }

        @Override
        public void failed(Throwable cause, @Nullable Void nothing) {
            end(cause);
        }
    }
}
