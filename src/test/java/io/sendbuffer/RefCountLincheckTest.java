/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.lincheck.ModelChecking;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** In every interleaving of its steps, the reference count counts as a plain number would, and frees once. */
class RefCountLincheckTest {
    private static final ModelChecking CHECK = ModelChecking.ignoring();

    @Test
    void shouldCountAsAPlainNumberAndFreeOnce() {
        CHECK.assertKeepsAtRandom(OneReference.class, FromOne.class);
        CHECK.assertKeeps(
                OneReference.class,
                FromOne.class,
                "release:1 tryRetain:1 | tryRetain:1 release:1",
                "retain:1; release:1 | release:1 | release:1",
                "retain:2; release:2 | tryRetain:1 release:1 | release:1");
    }

    @Test
    void shouldRefuseToPassTheLargestCount() {
        CHECK.assertKeeps(
                NearlyTooMany.class,
                FromNearlyTooMany.class,
                "tryRetain:2 count | tryRetain:1 release:2",
                "tryRetain:1 | retain:1 | retain:1",
                "retain:2; retain:1 | release:1 | tryRetain:1");
    }

    @Test
    void shouldRejectACountThatIsCheckedAndThenRaised() {
        CHECK.assertRejects(BrokenCheckThenRaise.class, FromOne.class, "release:1 | tryRetain:1");
    }

    @Test
    void shouldRejectACountThatIsRaisedAndRolledBack() {
        CHECK.assertRejects(BrokenRollBack.class, FromOne.class, "release:1 tryRetain:1 | tryRetain:1");
    }

    @Test
    void shouldRejectAFreeThatIsDecidedByASecondLook() {
        CHECK.assertRejects(BrokenSecondLook.class, FromOne.class, "retain:1; release:1 | release:1");
    }

    /** The operations under test, those of {@link RefCounted}. */
    private interface Count {
        int count();

        boolean tryRetain(int references);

        void retain(int references);

        boolean release(int references);

        int frees();
    }

    private static final class Counted extends RefCounted implements Count {
        private final AtomicInteger frees = new AtomicInteger();

        Counted(int references) {
            startCounting();
            if (references > 1) {
                retainReferences(references - 1);
            }
        }

        @Override
        void free() {
            frees.incrementAndGet();
        }

        @Override
        public int count() {
            return refCountVolatile();
        }

        @Override
        public boolean tryRetain(int references) {
            return tryRetainReferences(references);
        }

        @Override
        public void retain(int references) {
            retainReferences(references);
        }

        @Override
        public boolean release(int references) {
            return releaseReferences(references);
        }

        @Override
        public int frees() {
            return frees.get();
        }
    }

    /** The operations; a free follows the release that caused it, so frees are counted when all are done. */
    public abstract static class Model {
        private final Count counted;

        Model(Count counted) {
            this.counted = counted;
        }

        @Operation
        public int count() {
            return counted.count();
        }

        @Operation
        public boolean tryRetain(@Param(gen = IntGen.class, conf = "1:2") int references) {
            return counted.tryRetain(references);
        }

        @Operation
        public void retain(@Param(gen = IntGen.class, conf = "1:2") int references) {
            counted.retain(references);
        }

        @Operation
        public boolean release(@Param(gen = IntGen.class, conf = "1:2") int references) {
            return counted.release(references);
        }

        @Validate
        public void freedOnce() {
            assertEquals(counted.count() == 0 ? 1 : 0, counted.frees(), "frees");
        }
    }

    /** Specification: a number. */
    public abstract static class PlainNumber {
        private int count;

        PlainNumber(int count) {
            this.count = count;
        }

        public int count() {
            return count;
        }

        public boolean tryRetain(int references) {
            if (count == 0 || count > Integer.MAX_VALUE - references) {
                return false;
            }
            count += references;
            return true;
        }

        public void retain(int references) {
            if (!tryRetain(references)) {
                throw new IllegalStateException();
            }
        }

        public boolean release(int references) {
            if (count < references) {
                throw new IllegalStateException();
            }
            count -= references;
            return count == 0;
        }
    }

    public static class FromOne extends PlainNumber {
        public FromOne() {
            super(1);
        }
    }

    public static class FromNearlyTooMany extends PlainNumber {
        public FromNearlyTooMany() {
            super(Integer.MAX_VALUE - 2);
        }
    }

    public static class OneReference extends Model {
        public OneReference() {
            super(new Counted(1));
        }
    }

    public static class NearlyTooMany extends Model {
        public NearlyTooMany() {
            super(new Counted(Integer.MAX_VALUE - 2));
        }
    }

    // ---- counts that are broken on purpose

    /** A count that would be correct, except for one step that each subclass takes wrongly. */
    private static class Breakable implements Count {
        final AtomicInteger count = new AtomicInteger(1);
        final AtomicInteger frees = new AtomicInteger();

        @Override
        public int count() {
            return count.get();
        }

        @Override
        public boolean tryRetain(int references) {
            return count.getAndUpdate(held -> held == 0 ? 0 : held + references) != 0;
        }

        @Override
        public void retain(int references) {
            if (!tryRetain(references)) {
                throw new IllegalStateException();
            }
        }

        @Override
        public boolean release(int references) {
            int before = count.getAndUpdate(held -> held < references ? held : held - references);
            if (before < references) {
                throw new IllegalStateException();
            }
            if (before == references) {
                frees.incrementAndGet();
            }
            return before == references;
        }

        @Override
        public int frees() {
            return frees.get();
        }
    }

    public static class BrokenCheckThenRaise extends Model {
        public BrokenCheckThenRaise() {
            super(new Breakable() {
                @Override
                public boolean tryRetain(int references) {
                    return count.get() > 0 && count.addAndGet(references) > 0;
                }
            });
        }
    }

    public static class BrokenRollBack extends Model {
        public BrokenRollBack() {
            super(new Breakable() {
                @Override
                public boolean tryRetain(int references) {
                    if (count.getAndAdd(references) > 0) {
                        return true;
                    }
                    count.addAndGet(-references);
                    return false;
                }
            });
        }
    }

    public static class BrokenSecondLook extends Model {
        public BrokenSecondLook() {
            super(new Breakable() {
                @Override
                public boolean release(int references) {
                    int before = count.getAndUpdate(held -> held < references ? held : held - references);
                    if (before < references) {
                        throw new IllegalStateException();
                    }
                    if (count.get() == 0) {
                        frees.incrementAndGet();
                    }
                    return before == references;
                }
            });
        }
    }
}
