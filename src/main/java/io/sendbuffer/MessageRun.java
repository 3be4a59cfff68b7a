package io.sendbuffer;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.agrona.BitUtil;
import org.jspecify.annotations.Nullable;

/**
 * Neighbors of a batch, which go out as one message: it holds their references, and gives them back when that one
 * message is written to all who took it. Used again by its batch.
 */
final class MessageRun implements ReleaseListener {
    private static final VarHandle IN_USE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "inUse", VarHandle.class, MessageRun.class, boolean.class);

    private static final int FIRST_CAPACITY = 32;

    private @Nullable SendBuffer[] messages = new SendBuffer[FIRST_CAPACITY];
    private int size;

    /** Set by the batch, cleared by whoever gave the messages back. */
    @SuppressWarnings("unused")
    private boolean inUse;

    boolean isInUseVolatile() {
        return (boolean) IN_USE.getVolatile(this);
    }

    private void setInUseVolatile(boolean value) {
        IN_USE.setVolatile(this, value);
    }

    /** On the batch's thread, while the run is not in use. */
    void ensureCapacity(int count) {
        if (count > messages.length) {
            messages = new SendBuffer[BitUtil.findNextPositivePowerOfTwo(count)];
        }
    }

    /** Takes over a reference to each. On the batch's thread; before anybody can see the one message. */
    void hold(@Nullable SendBuffer[] source, int from, int count) {
        System.arraycopy(source, from, messages, 0, count);
        size = count;
        setInUseVolatile(true);
    }

    @Override
    public void onReleased(int unwritten) {
        IllegalStateException misuse = null;
        for (int i = 0; i < size; i++) {
            SendBuffer message = messages[i];
            messages[i] = null;
            try {
                message.releaseUnwritten(unwritten);
            } catch (IllegalStateException e) {
                misuse = e; // released too often elsewhere
            }
        }
        setInUseVolatile(false);
        if (misuse != null) {
            throw misuse;
        }
    }
}
