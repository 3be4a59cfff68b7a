package io.sendbuffer;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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

    /** More than so many, which only a receiver that is far behind needs at once, are not kept. */
    private static final int MOST_KEPT = 4_096;

    /** Pushed by those who release the last reference; emptied by the batch. */
    @SuppressWarnings("unused")
    private @Nullable MessageRun givenBack;

    /** The batch's own, taken out of what was given back. */
    private @Nullable MessageRun spare;

    private int kept;

    /** Takes one, or makes one. On the batch's thread. */
    MessageRun take() {
        MessageRun run = spare != null ? spare : takeGivenBack();
        if (run == null) {
            return make();
        }
        spare = run.nextFree;
        run.nextFree = null;
        return run;
    }

    private MessageRun make() {
        if (kept == MOST_KEPT) {
            return new MessageRun(null);
        }
        MessageRun fresh = new MessageRun(this);
        kept++;
        return fresh;
    }

    /** Puts one back that was taken and not used. On the batch's thread. */
    void putBack(MessageRun run) {
        run.nextFree = spare;
        spare = run;
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
