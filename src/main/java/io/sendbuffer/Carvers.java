package io.sendbuffer;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The carvers of one pool, and the search for the carvers of threads that ended. Guarded by the store's lock. */
final class Carvers {
    /** A small table, which is quickly searched and cleared, also by a model check. It grows. */
    private static final int EXPECTED_THREADS = 8;

    private final List<Carver> all = new ArrayList<>();
    private final IdentityHashMap<Thread, Carver> byOwner = new IdentityHashMap<>(EXPECTED_THREADS);

    /** Where the next look for dead threads begins. */
    private int next;

    void add(Carver carver) {
        all.add(carver);
        Thread owner = carver.owner();
        if (owner != null) {
            boolean done = false;
            try {
                byOwner.put(owner, carver);
                done = true;
            } finally {
                if (!done) {
                    all.remove(all.size() - 1);
                }
            }
        }
    }

    @Nullable
    Carver of(Thread owner) {
        return byOwner.get(owner);
    }

    /**
     * Looks at a few carvers, from where the last look stopped, and takes out the carvers of threads that ended. So one
     * look costs the same however many threads there are, and each dead one is found after a while.
     */
    void takeOutDead(int looks, Consumer<Carver> action) {
        for (int i = Math.min(looks, all.size()); i > 0; i--) {
            next = next <= 0 || next > all.size() ? all.size() - 1 : next - 1;
            Carver carver = all.get(next);
            if (carver.isOwnerDead()) {
                remove(next, carver);
                action.accept(carver);
            }
        }
    }

    void takeOutAllDead(Consumer<Carver> action) {
        takeOutDead(all.size(), action);
    }

    private void remove(int index, Carver carver) {
        Carver last = all.remove(all.size() - 1);
        if (last != carver) {
            all.set(index, last);
        }
        Thread owner = carver.owner();
        if (owner != null) {
            byOwner.remove(owner, carver);
        }
    }

    /** Takes all of them out. */
    void clear(Consumer<Carver> action) {
        all.forEach(action);
        all.clear();
        byOwner.clear();
    }
}
