package io.sendbuffer;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.agrona.BitUtil;
import org.jspecify.annotations.Nullable;

/**
 * The runs of one batch that hold nothing, to be used again. Any thread gives back; the batch's thread takes.
 *
 * <p>A stack that is pushed one by one and taken as a whole (R. K. Treiber, "Systems Programming: Coping with
 * Parallelism", 1986): who takes never looks at a second element of what is shared, so one that comes back meanwhile
 * cannot mislead it.
 */
final class FreeRuns {
    private static final VarHandle GIVEN_BACK = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "givenBack", VarHandle.class, FreeRuns.class, MessageRun.class);

    private static final int LEAST_PLACES = 32;

    /** Half a megabyte. What is more, which only a receiver that is far behind needs at once, is not kept. */
    private static final int MOST_PLACES = 4_096 * LEAST_PLACES;

    /** Pushed by those who release the last reference; emptied by the batch. */
    @SuppressWarnings("unused")
    private @Nullable MessageRun givenBack;

    /** The batch's own, taken out of what was given back. */
    private @Nullable MessageRun spare;

    /** How many messages those can hold that come back, or are here. */
    private int places;

    /** Takes one that can hold so many messages, or makes one. On the batch's thread. */
    MessageRun take(int count) {
        MessageRun run = spare != null ? spare : takeGivenBack();
        if (run == null) {
            return make(count);
        }
        spare = run.nextFree;
        run.nextFree = null;
        if (run.capacity() < count) {
            places -= run.capacity(); // batches have become larger
            return make(count);
        }
        return run;
    }

    private MessageRun make(int count) {
        int capacity = Math.max(LEAST_PLACES, BitUtil.findNextPositivePowerOfTwo(count));
        if (capacity > MOST_PLACES - places) {
            return new MessageRun(null, capacity);
        }
        MessageRun fresh = new MessageRun(this, capacity);
        places += capacity;
        return fresh;
    }

    /** Puts one back that was taken and not used. On the batch's thread. */
    void putBack(MessageRun run) {
        if (run.isKept()) {
            run.nextFree = spare;
            spare = run;
        }
    }

    /** Gives one back that holds nothing any more. Any thread; the last that it does with it. */
    void giveBack(MessageRun run) {
        MessageRun head;
        do {
            head = givenBackVolatile();
            run.nextFree = head;
        } while (!GIVEN_BACK.compareAndSet(this, head, run));
    }

    private @Nullable MessageRun takeGivenBack() {
        return givenBackVolatile() == null ? null : (MessageRun) GIVEN_BACK.getAndSet(this, null);
    }

    private @Nullable MessageRun givenBackVolatile() {
        return (MessageRun) GIVEN_BACK.getVolatile(this);
    }
}
