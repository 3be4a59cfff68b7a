package io.sendbuffer.session;

import io.sendbuffer.SendQueue;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channel;
import java.nio.channels.CompletionHandler;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An asynchronous socket with at most one gathering write pending. The window of the queue belongs to that write until
 * its completion, which releases what is out and starts the next one.
 *
 * <p>The JDK's own timeout of a write is not used: where it completes a write that the system has not given up, the
 * memory might be reused while it is read. A write that is late ends the session, which closes the channel, and the
 * window waits for the completion that follows from that.
 */
final class AsyncSession extends Session {
    private static final VarHandle WRITE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "write", VarHandle.class, AsyncSession.class, long.class);

    private static final VarHandle LEFT_BY = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "leftBy", VarHandle.class, AsyncSession.class, Throwable.class);

    /** So an input that never pauses does not keep its thread from others. */
    private static final int READS_PER_TURN = 16;

    private final AsyncSessions sessions;
    private final AsynchronousSocketChannel channel;
    final SessionCallbacks callbacks;

    /** Until then nobody writes. */
    private volatile boolean connected;

    /** Somebody reads, or is about to, until the input's end. */
    private volatile boolean reads;

    // Owned by the thread that claimed the queue's drain; handed from starter to completion by the handoff.
    private final CompletionTrampoline writing = new CompletionTrampoline();
    private final CompletionTrampoline nextTurn = new CompletionTrampoline();
    private final CompletionHandler<Long, @Nullable Void> onWritten = new Written();
    private final Runnable resumeWriting = this::resumeWriting;
    private long written;
    private @Nullable Throwable writeFailure;
    private int buffersToWrite;
    private boolean tookNothing;
    private long writePauseNanos;
    private Delivery.@Nullable Task resumption;

    /**
     * What kept a thread from completing the write that it had in hand: nobody else does. Stored without a call, as it
     * may be the end of the stack, and taken by one thread when the session has ended.
     */
    volatile @Nullable Throwable leftBy;

    /**
     * Odd while a write is pending, and between attempts of one that takes nothing; another number for each: what the
     * clock looks at. Written by the drain's owner.
     */
    @SuppressWarnings("unused")
    private long write;

    // Owned by the thread that continues to read.
    private final CompletionTrampoline reading = new CompletionTrampoline();
    private final CompletionTrampoline nextReads = new CompletionTrampoline();
    private final CompletionHandler<Integer, @Nullable Void> onRead = new Read();
    private final Runnable resumeReading = this::resumeReading;
    private @Nullable ByteBuffer receiveBuffer;
    private int received;
    private @Nullable Throwable readFailure;
    private long readPauseNanos;
    private Delivery.@Nullable Task readResumption;

    AsyncSession(AsyncSessions sessions, AsynchronousSocketChannel channel, SessionListener listener) {
        super(sessions.settings, listener);
        this.sessions = sessions;
        this.channel = channel;
        this.callbacks = new SessionCallbacks(this, sessions.registry);
    }

    // ---- opening

    void connect(SocketAddress server) {
        connectsTo(server);
        watchSoon(settings.connectTimeout().toNanos());
        try {
            channel.connect(server, null, new Connected());
        } catch (Throwable e) {
            end(e);
        }
    }

    /** The same as {@link #open}, for an executor, whose threads are no place for an Error. */
    void openOrEnd() {
        try {
            open();
        } catch (Throwable e) {
            end(e);
        }
    }

    /** The channel is connected: the first callback, and then reading continues until the end. */
    void open() {
        connected(); // the clock
        reads = true;
        connected = true; // before the flush: a sender that saw it unset had queued before
        if (callbacks.begin()) {
            boolean opened = reportOpened();
            callbacks.end();
            if (opened) {
                flush();
                read();
            }
        }
    }

    private boolean reportOpened() {
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
            end(e); // an Error: the queue ended with it, and with it this session, not the sender
            return 0;
        }
    }

    @Override
    void flushToClose() {
        if (!connected && queue.queuedMessages() == 0) {
            end(null); // closed while it connects: nothing waits for the connection
        } else {
            flush();
        }
    }

    /** Goes on after a turn that was over, on a thread that has nothing else to do. */
    private void resumeWriting() {
        if (nextTurn.leaveToCompletion()) {
            writeOn(buffersToWrite);
        }
    }

    /** Writes what was begun and all that is queued meanwhile, until a completion takes over, or the turn is over. */
    private void writeOn(int buffers) {
        try {
            writeATurn(buffers);
        } catch (Throwable e) {
            leftBy = e;
            endLeft(e);
        }
    }

    /**
     * Ends the session, whose write was left. If another thread has ended it before, and made the last callback, the
     * write is still to be failed.
     */
    void endLeft(Throwable cause) {
        end(cause);
        if (isEndedVolatile()) {
            channelIsClosed();
        }
    }

    private void writeATurn(int buffers) {
        long left = settings.writeQuantum();
        int next = buffers;
        while (next > 0) {
            if (tookNothing) { // it would be tried again at once, in a busy loop
                tookNothing = false;
                buffersToWrite = next;
                continueAfterAPause();
                return;
            }
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
            outputIsOver();
        }
    }

    private void continueLater() {
        nextTurn.start();
        try {
            sessions.execute(resumeWriting);
        } catch (Throwable e) {
            if (nextTurn.leaveToStarter()) { // else it was taken all the same
                fail(e); // all is closed, or no more threads
            }
        }
    }

    private void continueAfterAPause() {
        Delivery.Task task = resumption;
        if (task == null) {
            task = taskOf(this::continueLater);
            resumption = task;
        }
        writePauseNanos = Backoff.nanosAfter(writePauseNanos);
        sessions.registry.deliverLater(task, writePauseNanos);
    }

    private static Delivery.Task taskOf(Runnable action) {
        return new Delivery.Task() {
            @Override
            void run() {
                action.run();
            }
        };
    }

    /** Starts a write. Returns true if it has completed, and this thread continues. */
    private boolean write(int buffers) {
        writeFailure = null;
        writing.start();
        pendingOpaque();
        try {
            channel.write(queue.writeBuffers(), 0, buffers, 0, TimeUnit.MILLISECONDS, null, onWritten);
        } catch (Exception e) { // after an Error it is not known whether a write was begun: it is left
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
            leftBy = e;
            endLeft(e);
            return 0;
        }
    }

    /** Takes what a completed write brought. Returns how many buffers to write next. */
    private int complete() {
        Throwable failure = writeFailure;
        if (failure != null) {
            fail(failure);
            return 0;
        }
        tookNothing = written == 0;
        if (!tookNothing) { // else no clock starts again
            writePauseNanos = 0;
            notPendingOpaque();
        }
        return queue.completeWrite(written);
    }

    private void fail(Throwable cause) {
        notPendingOpaque();
        queue.failWrite(cause);
        outputIsOver();
    }

    private void pendingOpaque() {
        WRITE.setOpaque(this, write | 1);
    }

    private void notPendingOpaque() {
        WRITE.setOpaque(this, (write | 1) + 1);
    }

    @Override
    @Nullable
    Throwable deathOfMaker() {
        return sessions.registry.death();
    }

    @Override
    boolean isWriting() {
        return ((long) WRITE.getOpaque(this) & 1) != 0;
    }

    // ---- reading

    private void read() {
        for (int i = 0; i < READS_PER_TURN; i++) {
            if (!isOpen()) {
                giveReceiveBufferBack();
                return;
            }
            if (!readOnce()) {
                return;
            }
            if (!receive()) {
                stopReading();
                return;
            }
        }
        readLater();
    }

    private void readLater() {
        nextReads.start();
        try {
            sessions.execute(resumeReading);
        } catch (Throwable e) {
            end(e); // all is closed, or no more threads
            if (nextReads.leaveToStarter()) { // else it was taken all the same
                giveReceiveBufferBack();
            }
        }
    }

    private void resumeReading() {
        if (nextReads.leaveToCompletion()) {
            read();
        }
    }

    /** For good, or for a pause. Not while a read may be pending. */
    private void stopReading() {
        giveReceiveBufferBack(); // first: after the pause another thread reads, with a buffer of its own
        if (hasReadNothing()) {
            readAfterAPause();
        }
    }

    /** The last read had nothing, and did not wait for it. */
    private boolean hasReadNothing() {
        return readFailure == null && received == 0;
    }

    private void readAfterAPause() {
        try {
            Delivery.Task task = readResumption;
            if (task == null) {
                task = taskOf(this::readLater);
                readResumption = task;
            }
            readPauseNanos = Backoff.nanosAfter(readPauseNanos);
            sessions.registry.deliverLater(task, readPauseNanos);
        } catch (Throwable e) { // no memory for the task
            end(e);
        }
    }

    /** Starts a read. Returns true if it has completed, and this thread continues. */
    private boolean readOnce() {
        readFailure = null;
        reading.start();
        try {
            channel.read(emptyReceiveBuffer(), null, onRead);
        } catch (Throwable e) {
            inputFailed(e); // the buffer is not used again: whether a read was begun is not known
            return false;
        }
        return !reading.leaveToCompletion();
    }

    private ByteBuffer emptyReceiveBuffer() {
        ByteBuffer buffer = receiveBuffer;
        if (buffer == null) {
            buffer = sessions.registry.receiveBuffers().take();
            receiveBuffer = buffer;
        }
        return buffer.clear().order(ByteOrder.BIG_ENDIAN);
    }

    /** Not while a read may be pending. */
    private void giveReceiveBufferBack() {
        ByteBuffer buffer = receiveBuffer;
        receiveBuffer = null;
        if (buffer != null) {
            giveBack(buffer);
        }
    }

    private void giveBack(ByteBuffer buffer) {
        try {
            sessions.registry.receiveBuffers().giveBack(buffer);
        } catch (Throwable e) { // no memory to keep it
            settings.report(e);
        }
    }

    /** Takes what a completed read brought. Returns true if the next read may follow at once. */
    private boolean receive() {
        Throwable failure = readFailure;
        if (failure != null) {
            inputFailed(failure);
            return false;
        }
        if (hasReadNothing()) {
            return false; // nothing to report, and no reason for a busy loop
        }
        readPauseNanos = 0;
        if (isInputDiscarded() && received > 0) {
            return true;
        }
        if (!callbacks.begin()) {
            return false;
        }
        try {
            return reportReceived();
        } catch (Throwable e) {
            end(e);
            return false;
        } finally {
            callbacks.end();
        }
    }

    private boolean reportReceived() {
        if (received > 0) {
            listener.onReceived(this, Objects.requireNonNull(receiveBuffer).flip());
            restOfInputArrives();
            return true;
        }
        reportInputEnded();
        return false;
    }

    // ---- the end

    @Override
    void deliverSoon() {
        callbacks.deliverSoon();
    }

    @Override
    void endSoon() {
        callbacks.endSoon();
    }

    @Override
    boolean mayEndOnWatch() {
        return false;
    }

    @Override
    void watchSoon(long nanos) {
        if (nanos > 0) {
            sessions.registry.checkWithin(nanos);
        }
    }

    @Override
    boolean hasInput() {
        return reads;
    }

    @Override
    void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    void channelIsClosed() {
        Throwable cause = leftBy == null ? null : (Throwable) LEFT_BY.getAndSet(this, (Throwable) null);
        if (cause != null && queue.isWriteBegun()) {
            queue.failWrite(cause);
        }
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
            proceed();
        }

        @Override
        public void failed(Throwable cause, @Nullable Void nothing) {
            writeFailure = cause;
            proceed();
        }

        private void proceed() {
            if (!writing.leaveToStarter()) {
                writeOn(completeOrEnd());
            }
        }
    }

    private final class Read implements CompletionHandler<Integer, @Nullable Void> {
        @Override
        public void completed(Integer count, @Nullable Void nothing) {
            received = count;
            proceed();
        }

        @Override
        public void failed(Throwable cause, @Nullable Void nothing) {
            readFailure = cause;
            proceed();
        }

        private void proceed() {
            if (reading.leaveToStarter()) {
                return;
            }
            if (receive()) {
                read();
            } else {
                stopReading();
            }
        }
    }

    private final class Connected implements CompletionHandler<@Nullable Void, @Nullable Void> {
        @Override
        public void completed(@Nullable Void result, @Nullable Void nothing) {
            openOrEnd();
        }

        @Override
        public void failed(Throwable cause, @Nullable Void nothing) {
            end(cause);
        }
    }
}
