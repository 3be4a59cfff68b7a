package io.sendbuffer.session;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts its callbacks, and checks their order: opened first, closed last and once. */
class RecordingListener implements SessionListener {
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger receivedBytes = new AtomicInteger();
    final AtomicInteger inputEnded = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();

    /** The violation of the callback order, for {@link #requireOrder}. */
    private volatile @Nullable String disorder;

    volatile @Nullable Throwable cause;
    volatile @Nullable Thread closedBy;

    /** What {@link #onInputEnded} returns. */
    volatile boolean keepsOutput;

    @Override
    public void onOpened(Session session) {
        if (opened.incrementAndGet() > 1) {
            disorder = "onOpened was called twice";
        }
        requireNotClosed("onOpened");
    }

    @Override
    public void onReceived(Session session, ByteBuffer bytes) {
        requireNotClosed("onReceived");
        receivedBytes.addAndGet(bytes.remaining());
    }

    @Override
    public boolean onInputEnded(Session session) {
        requireNotClosed("onInputEnded");
        inputEnded.incrementAndGet();
        return keepsOutput;
    }

    @Override
    public void onClosed(Session session, @Nullable Throwable cause) {
        this.cause = cause;
        this.closedBy = Thread.currentThread();
        if (closed.incrementAndGet() > 1) {
            disorder = "onClosed was called twice";
        }
    }

    boolean isClosed() {
        return closed.get() > 0;
    }

    void requireOrder() {
        String what = disorder;
        if (what != null) {
            throw new AssertionError(what);
        }
    }

    private void requireNotClosed(String callback) {
        if (closed.get() > 0) {
            disorder = callback + " was called after onClosed";
        }
    }
}
