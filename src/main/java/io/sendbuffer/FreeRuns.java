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
 * Parallelism", 1986): the taker never looks at a second element of the shared stack, so one that comes back meanwhile
 * cannot mislead it (there is no ABA problem).
 */
final class FreeRuns {
    private static final VarHandle GIVEN_BACK = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "givenBack", VarHandle.class, FreeRuns.class, MessageRun.class);

    private static final int MIN_PLACES = 32;

    /** Half a megabyte. Runs beyond that, which only a receiver that is far behind needs at once, are not kept. */
    private static final int MAX_PLACES = 4_096 * MIN_PLACES;

    /** Pushed by the threads that release the last reference; emptied by the batch. */
    @SuppressWarnings("unused")
    private @Nullable MessageRun givenBack;

    /** The batch's own, taken out of what was given back. */
    private @Nullable MessageRun spare;

    /** How many messages the runs can hold that will come back, or are here. */
    private int places;

    /** Takes a run that can hold this many messages, or makes one. On the batch's thread. */
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
        int capacity = Math.max(MIN_PLACES, BitUtil.findNextPositivePowerOfTwo(count));
        if (capacity > MAX_PLACES - places) {
            return new MessageRun(null, capacity);
        }
        MessageRun fresh = new MessageRun(this, capacity);
        places += capacity;
        return fresh;
    }

    /** Puts back a run that was taken and not used. On the batch's thread. */
    void putBack(MessageRun run) {
        if (run.isKept()) {
            run.nextFree = spare;
            spare = run;
        }
    }

    /**
     * Gives back a run that holds nothing any more. Any thread may call this, as the last thing that it does with the
     * run.
     */
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
