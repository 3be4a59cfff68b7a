/*
 * The gate and the wake-ups of io.sendbuffer.BroadcastLog, for an exhaustive search by SPIN; run it with ./check.
 *
 * Two publishers append, and wait for room where a subscriber holds the log. Two loops, each a LogReader with one cursor,
 * write and sleep. The second cursor may join while they do, stall, and leave. A block under the log's lock is
 * one step here, as are a volatile read or write and a release; a write of the channel is two, its begin and its end.
 *
 * Left out: cut writes, snapshots, several cursors of one loop, the history, ages. The race tests have those.
 *
 * -DJOINS has the second cursor join; without, it is there from the start, reads, and stays.
 * -DPOLICY= is what happens to a cursor that falls behind: HOLD or SKIP. -DMUTANT_... breaks the protocol in one place:
 * ./check knows what must be found then.
 */

#define HOLD 1
#define SKIP 2
#ifndef POLICY
#define POLICY HOLD
#endif
#ifndef FIRST_APPENDS
#define FIRST_APPENDS 2                 /* messages of the first publisher; the second appends one */
#endif
#ifndef RETAINED
#define RETAINED 1                      /* LogRetention.maxMessages */
#endif
#ifndef PUBLISHERS
#define PUBLISHERS 2
#endif
#define MESSAGES (FIRST_APPENDS + PUBLISHERS - 1)
#define ALL ((1 << MESSAGES) - 1)
#define NONE 15
#define READERS 2
#define bit(m) (1 << (m))
#define upTo(m) ((1 << (m)) - 1)        /* the messages before a position */
#define range(from, to) (upTo(to) & ~upTo(from))
#define min(a, b) ((a) < (b) -> (a) : (b))

/* BroadcastLog.append's result; ROOM is LogRing.MAKE_ROOM, of which no caller sees anything */
mtype = { APPENDED, ROOM, REFUSED }

/* LogRing, guarded by its monitor. Positions are the numbers of the messages. */
byte least;
byte tail;                              /* read by any thread */
byte gate;
byte held = NONE;
bool known[READERS];
byte adopted[READERS] = NONE;           /* LogReader.leastAdopted */
byte joining[READERS] = NONE;           /* JoiningCursors.least */
byte planFrom[READERS];
byte planTo[READERS];

/* LogReader's flags, and the wake-up of its loop: set by any thread, cleared by the loop */
bool hasChanges[READERS];
bool hasJoined[READERS];
bool wakeUp[READERS];

/* Subscription */
byte position[READERS];
bool closing[READERS];
bool serving[READERS];                  /* among the reader's cursors; owned by the loop */

/* BroadcastLog.roomLock, its condition, what it guards, and how many wait */
bool roomLock;
byte moves;
byte waiting;
bool signalled[2];

/* RefCounted.refCount: the log's reference, and more for readers that write what the log has given up */
byte refCount[MESSAGES] = 1;

/* The channel of the second subscriber takes nothing any more */
bool stalled;

/* What is asserted; the protocol does not read it */
byte freed;
byte writing[READERS];
byte written[READERS];
byte skipped[READERS];
byte start[READERS];
byte published;                         /* publishers that are done */

/* One after another, in Java; what a release of one message may break, a release of several in one step breaks as well */
inline releaseAll(mask) {
    d_step {
        i = 0;
        do
        :: i < MESSAGES && (mask & bit(i)) ->
            assert(refCount[i] > 0);
            refCount[i]--;
            if
            :: refCount[i] == 0 ->
                assert(!((writing[0] | writing[1]) & bit(i)));
                freed = freed | bit(i)
            :: else
            fi;
            i++
        :: i < MESSAGES && !(mask & bit(i)) -> i++
        :: i == MESSAGES -> break
        od;
        mask = 0;
        i = 0
    }
}

/* Under the lock */
inline recomputeGate() {
    gate = tail;
    held = NONE;
    r = 0;
    do
    :: r < READERS && known[r] ->
#ifdef MUTANT_JOINING_DOES_NOT_GATE
        gate = min(gate, adopted[r]);
        held = min(held, adopted[r]);
#else
        gate = min(gate, min(adopted[r], joining[r]));
        held = min(held, min(adopted[r], joining[r]));
#endif
        r++
    :: r < READERS && !known[r] -> r++
    :: r == READERS -> break
    od;
#ifdef MUTANT_GATE_OF_ONE_LOOP
    gate = min(tail, adopted[0]);
#endif
#if POLICY == SKIP
    held = NONE;
#endif
    r = 0
}

#define plans(x) (planFrom[x] <= least && least < planTo[x])

/* Under the lock: takes out the oldest message, into out if no reader writes it */
inline removeOldest(out) {
    if
#ifdef MUTANT_RELEASED_UNDER_A_WRITE
    :: true -> out = out | bit(least)
#else
    :: !plans(0) && !plans(1) -> out = out | bit(least)
#ifdef MUTANT_OWED_ONCE_TO_TWO
    :: plans(0) && plans(1)
#else
    :: plans(0) && plans(1) -> refCount[least] = refCount[least] + 1
#endif
    :: plans(0) != plans(1)
#endif
    fi;
    least++
}

#define isPassed (least < gate && least < tail)

/* LogRing.append: one turn of its loop */
inline append() {
    d_step {
        if
        :: tail - least < RETAINED ->
            tail++;
            recomputeGate();
            if
            :: gate == tail && isPassed -> removeOldest(out)
            :: else
            fi;
            result = APPENDED
        :: tail - least == RETAINED && held <= least -> result = REFUSED
        :: tail - least == RETAINED && held > least -> removeOldest(out); result = ROOM
        fi
    }
    if
    :: out != 0 -> releaseAll(out)
    :: else
    fi
}

/* One after another, in Java: no loop sees the wake-up of the other */
inline wakeReaders() {
    d_step {
        wakeUp[0] = wakeUp[0] | known[0];
        wakeUp[1] = wakeUp[1] | known[1]
    }
}

/* BroadcastLog.append, under no lock */
inline tryAppend() {
#ifdef MUTANT_WOKEN_BEFORE_THE_APPEND
    wakeReaders();
#endif
    do
    :: append();
        if
        :: result != ROOM -> break
        :: else
        fi
    od;
#ifndef MUTANT_WOKEN_BEFORE_THE_APPEND
    if
    :: result == APPENDED -> wakeReaders()
    :: else
    fi
#endif
}

proctype Publisher(byte me; byte left) {
    byte i;
    byte r;
    byte out;
    byte seen;
    mtype result;
    do
    :: left > 0 ->
        tryAppend();
        if
        :: result == REFUSED ->
#ifndef MUTANT_COUNTED_AFTER_THE_LOOK
            waiting++;
#endif
            do
            ::
#ifndef MUTANT_SEEN_AFTER_THE_APPEND
                seen = moves;
#endif
                tryAppend();
#ifdef MUTANT_SEEN_AFTER_THE_APPEND
                seen = moves;
#endif
#ifdef MUTANT_COUNTED_AFTER_THE_LOOK
                waiting++;
#endif
                if
                :: result == APPENDED -> break
                :: else ->
                    atomic { !roomLock -> roomLock = true }
                    if
                    :: moves != seen
                    :: else ->
                        atomic { signalled[me] = false; roomLock = false }
end_room:               atomic { signalled[me] && !roomLock -> roomLock = true }
                    fi;
                    roomLock = false
                fi;
#ifdef MUTANT_COUNTED_AFTER_THE_LOOK
                waiting--;
#endif
            od;
            waiting--;
            seen = 0
        :: else
        fi;
        left--
    :: left == 0 -> break
    od;
    published++
}

inline mayHaveRoom() {
    if
    :: waiting > 0 ->
        atomic { !roomLock -> roomLock = true }
        atomic { moves++; signalled[0] = true; signalled[1] = true; roomLock = false }
    :: else
    fi
}

proctype Loop(byte me) {
    byte i;
    byte r;
    byte out;
    byte seenTail;
    byte turnTail;
    bool changes;
    bool moved;
    do
    ::
        /* LogReader.serve */
        changes = hasChanges[me];
#ifdef MUTANT_UNSEEN_CHANGE_CLEARED
        hasChanges[me] = false;
#else
        if
        :: changes -> hasChanges[me] = false
        :: else
        fi;
#endif
        hasJoined[me] = false;
        d_step {
            if
            :: joining[me] != NONE ->
                adopted[me] = min(adopted[me], joining[me]);
                joining[me] = NONE;
                serving[me] = true
            :: else
            fi;
            seenTail = tail;
            turnTail = tail
        }
        if
        :: serving[me] && changes && closing[me] -> serving[me] = false; moved = true
        :: serving[me] && !(changes && closing[me]) && position[me] < seenTail && !closing[me] && !(me == 1 && stalled) ->
            if
            :: seenTail = tail          /* another look, within the turn */
            :: skip
            fi;
            d_step {
                if
                :: position[me] < least ->
                    assert(POLICY == SKIP);
                    skipped[me] = skipped[me] | range(position[me], tail);
                    position[me] = tail
                :: else ->
                    planFrom[me] = position[me];
                    planTo[me] = seenTail
                fi
            }
            moved = true;
            if
            :: planFrom[me] < planTo[me] ->
                atomic {
                    writing[me] = range(planFrom[me], planTo[me]);
                    assert(!(freed & writing[me]));
                    assert(!((written[me] | skipped[me]) & writing[me]))
                }
                atomic {
                    assert(!(freed & writing[me]));
                    written[me] = written[me] | writing[me];
                    writing[me] = 0;
                    position[me] = planTo[me]
                }
            :: else
            fi
        :: else
        fi;

        /* LogReader.endTurn */
        if
        :: planFrom[me] < planTo[me] ->
            d_step {
                out = range(planFrom[me], min(planTo[me], (least < planFrom[me] -> planFrom[me] : least)));
#ifdef MUTANT_OWED_MESSAGE_KEPT
                out = 0;
#endif
                planFrom[me] = 0;
                planTo[me] = 0
            }
            releaseAll(out)
        :: else
        fi;
        if
        :: moved ->
            moved = false;
#ifdef MUTANT_SIGNALLED_BEFORE_THE_MOVE
            mayHaveRoom();
#endif
            d_step {
                adopted[me] = (serving[me] && !closing[me] -> position[me] : NONE);
                recomputeGate();
                do
                :: isPassed -> removeOldest(out)
                :: else -> break
                od
            }
            releaseAll(out);
#ifndef MUTANT_SIGNALLED_BEFORE_THE_MOVE
            mayHaveRoom()
#endif
        :: else
        fi;

        /* the loop: LogReader.hasNews, and the selector */
#ifdef MUTANT_SLEEPS_WITHOUT_A_LOOK
        wakeUp[me] = false;
        if
        :: true ->
#else
        if
        :: hasChanges[me] || hasJoined[me] || (serving[me] && tail != turnTail)
        :: else ->
#endif
end_sleep:
            atomic { wakeUp[me] -> wakeUp[me] = false }
        fi
    od
}

/* LogReader.subscribe, and Subscription.close, or not */
proctype Subscriber() {
    byte r;
    d_step {
        position[1] = tail;
        start[1] = tail;
        known[1] = true;
        joining[1] = tail;
        recomputeGate()
    }
    hasJoined[1] = true;
    if
    :: position[1] < tail -> wakeUp[1] = true
    :: else
    fi;
    if
    :: true
    :: stalled = true
    fi;
    if
    :: true
    :: true ->
#ifdef MUTANT_CHANGED_BEFORE_CLOSING
        hasChanges[1] = true;
        closing[1] = true;
#else
        closing[1] = true;
        hasChanges[1] = true;
#endif
#ifndef MUTANT_LEAVES_SILENTLY
        if
        :: position[1] < tail -> wakeUp[1] = true
        :: else
        fi
#endif
    fi
}

/* When nothing moves any more: all is written and released, but for a subscriber that stalls and does not leave */
proctype End() {
    timeout ->
    if
    :: stalled && !closing[1] -> assert(position[0] == tail)
    :: else ->
        assert(published == PUBLISHERS);
        assert(waiting == 0);
        assert(position[0] == tail);
        assert(closing[1] || position[1] == tail);
        assert(tail == MESSAGES);
        assert(freed == ALL)
    fi;
    assert((written[0] | skipped[0]) == upTo(position[0]));
    assert((written[1] | skipped[1]) == range(start[1], position[1]))
}

init {
    byte r;
    atomic {
        known[0] = true;
        adopted[0] = 0;
        serving[0] = true;
        recomputeGate();
        run Publisher(0, FIRST_APPENDS);
#if PUBLISHERS == 2
        run Publisher(1, 1);
#endif
        run Loop(0);
        run Loop(1);
#ifdef JOINS
        run Subscriber();
#else
        known[1] = true;
        adopted[1] = 0;
        serving[1] = true;
        recomputeGate();
#endif
        run End()
    }
}
