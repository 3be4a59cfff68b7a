/*
 * The drain and close protocol of io.sendbuffer.SendQueue, for an exhaustive search by SPIN; run it with ./check.
 *
 * Two senders, a loop that flushes what blocked, the completion of pending writes, a close that may come at any time or
 * never, and a channel that may take all, some, nothing, or fail. What is one step in Java is one step here: a volatile
 * read, a compare-and-set, a block under the lock. Such a block may be one step although fillOrLeave's also steps the drain
 * word, which others step without the lock: it does so once, last, and all else in it is the lock's or the window's.
 * Steps on the window alone are as large as is convenient: every one asserts that its process owns the window.
 *
 * -DWAY= chooses how senders drain: FLUSH, PENDING, ONE_EACH or EITHER, chosen anew at each send.
 * -DMUTANT_... breaks the protocol in one place: ./check knows what must be found then.
 */

#define FLUSH 1
#define PENDING 2
#define ONE_EACH 3
#define EITHER 4
#ifndef WAY
#define WAY EITHER
#endif
#define mayFlush (WAY == FLUSH || WAY == EITHER || (WAY == ONE_EACH && mine < FIRST_SENDS))
#define mayBegin (WAY == PENDING || WAY == EITHER || (WAY == ONE_EACH && mine >= FIRST_SENDS))

#ifndef CLOSERS
#define CLOSERS 1
#endif
#define SENDERS 2
#ifndef FIRST_SENDS
#define FIRST_SENDS 2                   /* messages of the first sender; the second sends one */
#endif
#ifndef SHORT_WRITES
#define SHORT_WRITES 2                  /* how often the channel may take less; then it takes all, or fails */
#endif
#define MESSAGES (FIRST_SENDS + 1)
#define ALL ((1 << MESSAGES) - 1)
#define LENGTH 2                        /* bytes of a message: a write may end in the middle of one */
#define MAX_WRITE 3                     /* QueueLimits.maxBytesPerWrite: so may a write that the channel took whole */
#define MAX_QUEUED_BYTES 4              /* QueueLimits.maxQueuedBytes: offers may be refused */
#define MAX_QUEUED_MESSAGES 2           /* QueueLimits.maxQueuedMessages */
#define bit(m) (1 << (m))

/* OfferResult and FlushResult; ENDED is their CLOSED, FILLED is fillOrLeave's null */
mtype = { QUEUED, REFUSED, ENDED, FILLED, DRAINED, BLOCKED, BUSY }

/* DrainState.state */
#define IDLE 0
#define DRAINING 1
#define CLOSING 2
#define CLOSED 3
byte word = IDLE;

/* Backlog, guarded by its monitor: the MessageRing that it extends, and the counters */
chan ring = [MESSAGES] of { byte };
byte queuedBytes;
byte queuedMessages;
bool closed;

/* InFlightWindow and SendQueue.writePending, owned by whoever claimed the word */
chan window = [MESSAGES] of { byte };
byte writtenOfFirst;
byte completedBytes;
byte completedMessages;
bool writePending;
/* InFlightWindow.bytes and entryBytes, which follow from the others */
#define windowBytes (len(window) * LENGTH - writtenOfFirst)
#define entryBytes (windowBytes < MAX_WRITE -> windowBytes : MAX_WRITE)

/* RefCounted.refCount: the sender's own reference to begin with */
byte refCount[MESSAGES] = 1;

/* The caller's: the channel is to be flushed when it can be written to, as Session asks its loop; the channel is closed */
bool wanted;
bool channelClosed;

/* What is asserted and claimed; the protocol does not read it */
#define NO_OWNER 0
#define THE_WRITE 255
byte owner = NO_OWNER;                    /* of the window: a process, or a write in flight */
byte owed;                              /* messages to which the queue holds a reference */
byte freed;                             /* messages whose memory came back */
byte reading;                           /* messages whose memory a write reads at this moment */
bool inFlight;
bool failed;
byte halfway;                           /* the message that is half on the wire, plus one */
byte bytesOfHalfway;
byte shortWrites = SHORT_WRITES;
byte returned;
byte i;                                 /* within one step */
byte m;

#ifdef WITHOUT_OWNER                    /* for controls: the other assertions hold up by themselves */
#define assertOwner(condition) skip
#else
#define assertOwner(condition) assert(condition)
#endif
#define assertOwned() assertOwner(owner == _pid)        /* one drainer */

/* Locals are cleared after use: a dead value would tell states apart for nothing */
#define LOCALS \
    byte seen; byte left; bool decided; mtype result; chan rest = [MESSAGES] of { byte }

/* ---- RefCounted */

/* RefCounted.tryRetainReferences: the compare-and-set that succeeds; within a step of its caller's */
inline retain(message) {
    assert(refCount[message] > 0);
    refCount[message]++
}

/*
 * RefCounted.releaseReferences: the compare-and-set that succeeds. SendBuffer.free is not a step of its own: the process
 * that brought the count to zero frees it, and from then on neither a retain nor a write may come, which is asserted of the count.
 */
inline release(message) {
#ifdef MUTANT_FREE_AFTER_REREAD
    refCount[message]--;
    d_step {
        if
        :: refCount[message] == 0 -> free(message)
        :: else
        fi
    }
#else
    d_step { releaseInStep(message) }
#endif
}

inline releaseInStep(message) {
    assert(refCount[message] > 0);
    refCount[message]--;
    if
    :: refCount[message] == 0 -> free(message)
    :: else
    fi
}

inline free(message) {
    assert((freed & bit(message)) == 0);        /* one free */
    assert((reading & bit(message)) == 0);      /* none during a write */
    freed = freed | bit(message)
}

/* The queue's reference */
inline releaseQueuedInStep(message) {
    assert(owed & bit(message));
    owed = owed & ~bit(message);
    releaseInStep(message)
}

/* ---- DrainState */

/* DrainState.casIdleToDraining: a volatile read, then the compare-and-set; claimed if seen is IDLE then */
inline casIdleToDraining() {
    seen = word;
    if
    :: d_step {
        seen == IDLE ->
            if
#ifdef MUTANT_CHECK_THEN_SET
            :: true ->
#else
            :: word == IDLE ->
#endif
                word = DRAINING;
                assertOwner(owner == NO_OWNER);
                owner = _pid
            :: else -> seen = DRAINING
            fi
        }
    :: seen != IDLE
    fi
}

/* DrainState.casDrainingToIdle; within a step of its caller's */
inline casDrainingToIdle(whenLeft) {
    assertOwned();
    if
#ifdef MUTANT_LEAVE_BY_SET
    :: true ->
#else
    :: word == DRAINING ->
#endif
        word = IDLE;
        owner = NO_OWNER;
        result = whenLeft
    :: else -> result = ENDED
    fi
}

/* DrainState.requestClose: volatile read and compare-and-set, until one of them decides; true if seen is IDLE then */
inline requestClose() {
    do
    :: decided -> break
    :: !decided ->
        seen = word;
        if
        :: d_step {
            seen == IDLE ->
                if
                :: word == IDLE ->
                    word = CLOSED;
                    decided = true;
                    assertOwner(owner == NO_OWNER);
                    owner = _pid;
                    forget()
                :: else -> seen = 0
                fi
            }
        :: d_step {
            seen == DRAINING ->
                if
                :: word == DRAINING ->
                    word = CLOSING;
                    decided = true
                :: else -> seen = 0
                fi
            }
        :: seen >= CLOSING ->
#ifndef MUTANT_REQUEST_CLOSE_SPINS
            decided = true
#endif
        fi
    od
}

/* After the end no write starts, which is asserted there: what only a write would read is cleared */
inline forget() {
    completedBytes = 0;
    completedMessages = 0;
    halfway = 0;
    bytesOfHalfway = 0;
    shortWrites = 0;
    failed = false
}

/* DrainState.setClosedVolatile */
inline setClosedVolatile() {
    d_step {
        assertOwned();
        assertOwner(word == DRAINING || word == CLOSING);
        assertOwner(len(window) == 0);
        word = CLOSED;
        owner = NO_OWNER;
        forget()
    }
}

/* ---- InFlightWindow */

/*
 * InFlightWindow.gather and the start of the channel's write, which reads the memory from now on: of all messages in the
 * window, since with these limits none is left out of the write. SendQueue.writePending is set with it.
 */
inline startWrite(whoOwns) {
    d_step {
        assertOwned();
        assertOwner(word == DRAINING || word == CLOSING);
        assert(!inFlight && !failed);                   /* one write */
        inFlight = true;
        assertOwner(len(window) > 0);
        i = len(window);
        do
        :: i > 0 ->
            window?m;
            assert(refCount[m] > 0);
            reading = reading | bit(m);
            window!m;
            i--
        :: else -> break
        od;
        m = 0;
        assert(!writePending);
        writePending = (whoOwns == THE_WRITE);
        owner = whoOwns
    }
}

/*
 * The channel answers: result is FILLED if it took all, BLOCKED if less, ENDED if it failed. A count that cannot be, which
 * InFlightWindow.advance refuses, is a failure like another.
 */
inline endWrite() {
    atomic {
        assert(inFlight);
        assert((freed & reading) == 0);
        if
        :: left = (entryBytes); result = FILLED
        :: shortWrites > 0 ->
            shortWrites--;
            result = BLOCKED;
            if
            :: left = 0
            :: entryBytes > 1 -> left = 1
            :: entryBytes > 2 -> left = 2
            fi
        :: failed = true; result = ENDED
        fi;
        inFlight = false;
        reading = 0
    }
}

/* InFlightWindow.advance: each message out of the window, then released */
inline advance() {
    do
    :: d_step {
        left > 0 ->
            assertOwned();
            window?<m>;
            assert(halfway == 0 || halfway == m + 1);   /* a half-written message is followed by its other half */
            assert(writtenOfFirst == bytesOfHalfway);
            if
            :: left < LENGTH - writtenOfFirst ->
                completedBytes = completedBytes + left;
                writtenOfFirst = writtenOfFirst + left;
                left = 0;
                halfway = m + 1;
                bytesOfHalfway = writtenOfFirst
            :: else ->
                completedBytes = completedBytes + LENGTH - writtenOfFirst;
                left = left - (LENGTH - writtenOfFirst);
                completedMessages++;
                window?m;
                writtenOfFirst = 0;
                halfway = 0;
                bytesOfHalfway = 0;
                assert(m == 0 || m >= FIRST_SENDS || (owed & (bit(m) - 1)) == 0);       /* first in, first out */
                releaseQueuedInStep(m)
            fi;
            m = 0
        }
    :: left == 0 -> break
    od
#ifdef MUTANT_REST_GOES_LAST
    ;
    atomic {
        if
        :: len(window) > 1 -> window?m; window!m; m = 0
        :: else
        fi
    }
#endif
}

/* ---- SendQueue */

/*
 * SendQueue.offer: the finally is what the queue did not take. The retain may be one step with enqueue: the sender holds a
 * reference, so that no other step on the count comes out differently before or after it.
 */
inline offer(message) {
#ifdef MUTANT_CLOSED_READ_OUTSIDE_LOCK
    decided = closed;
#endif
#ifdef MUTANT_RETAIN_AFTER_ENQUEUE
    d_step { enqueue(message) }
    d_step { retain(message) }
#else
    d_step {
        retain(message);
        enqueue(message)
    }
#endif
    decided = false;
    if
    :: result != QUEUED -> release(message)
    :: result == QUEUED
    fi
}

/* Backlog.offer, under the lock */
inline enqueue(message) {
    if
#ifdef MUTANT_CLOSED_READ_OUTSIDE_LOCK
    :: decided -> result = ENDED
#else
    :: closed -> result = ENDED
#endif
    :: else ->
        if
        :: LENGTH > MAX_QUEUED_BYTES - queuedBytes || queuedMessages == MAX_QUEUED_MESSAGES -> result = REFUSED
        :: else ->
            ring!message;
            owed = owed | bit(message);
            queuedBytes = queuedBytes + LENGTH;
            queuedMessages++;
            result = QUEUED
        fi
    fi
}

/* SendQueue.countOffWritten; within a block under the lock */
inline countOffWritten() {
    assertOwned();
    if
    :: !closed ->
        assert(queuedBytes >= completedBytes && queuedMessages >= completedMessages);
        queuedBytes = queuedBytes - completedBytes;
        queuedMessages = queuedMessages - completedMessages;
        completedBytes = 0;
        completedMessages = 0;
        assert(queuedBytes == len(ring) * LENGTH + windowBytes);
        assert(queuedMessages == len(ring) + len(window))
    :: else
    fi
}

/* Backlog.fillOrLeave, under the lock, with moveInto and the step to IDLE */
inline fillOrLeave() {
    d_step {
        countOffWritten();
        result = ENDED;
        if
        :: !closed ->
            do
            :: windowBytes < MAX_WRITE && len(ring) > 0 -> ring?m; window!m
            :: else -> break
            od;
            m = 0;
            if
            :: len(window) > 0 -> result = FILLED
            :: else ->
                result = DRAINED;
#ifndef MUTANT_STEP_TO_IDLE_OUTSIDE_LOCK
                assertOwner(word == DRAINING);  /* CLOSING comes after closed: requestClose after Backlog.end */
                casDrainingToIdle(DRAINED)
#endif
            fi
        :: else
        fi
    }
#ifdef MUTANT_STEP_TO_IDLE_OUTSIDE_LOCK
    if
    :: result == DRAINED -> d_step { casDrainingToIdle(DRAINED) }
    :: else
    fi
#endif
}

/* SendQueue.stopBlocked: under the lock, then outside of it */
inline stopBlocked() {
    d_step { countOffWritten() }
    d_step { casDrainingToIdle(BLOCKED) }
}

/* Backlog.end, under the lock */
inline endBacklog() {
    d_step {
        closed = true;
        do
        :: len(ring) > 0 -> ring?m; rest!m
        :: else -> break
        od;
        m = 0;
        queuedBytes = 0;
        queuedMessages = 0
    }
}

/* SendQueue.releaseAll: InFlightWindow.poll or MessageRing.poll, then the release */
inline releaseAll(withWindow) {
    do
    :: d_step {
        withWindow && len(window) > 0 ->
            assertOwned();
            window?m;
            writtenOfFirst = 0;
            releaseQueuedInStep(m);
            m = 0
        }
    :: d_step {
        !(withWindow && len(window) > 0) && len(rest) > 0 ->
            rest?m;
            releaseQueuedInStep(m);
            m = 0
        }
    :: !(withWindow && len(window) > 0) && len(rest) == 0 -> break
    od
}

/* SendQueue.endDrain */
inline endDrain() {
#ifdef MUTANT_FAILURE_LEAVES_RING
    if
    :: failed -> closed = true
    :: else -> endBacklog()
    fi;
#else
    endBacklog();
#endif
#ifdef MUTANT_NO_RELEASE_ON_FAILURE
    if
    :: failed ->
        d_step {
            do
            :: len(window) > 0 -> window?m; m = 0
            :: else -> break
            od
        }
    :: else -> releaseAll(true)
    fi;
#else
    releaseAll(true);
#endif
    setClosedVolatile();
    result = ENDED
}

/* SendQueue.flush and drain; the lock is not held from startWrite to endWrite */
inline flush() {
    casIdleToDraining();
    if
    :: seen == IDLE ->
        do
        :: fillOrLeave();
            if
            :: result == FILLED ->
                startWrite(_pid);
#ifdef MUTANT_IDLE_DURING_WRITE
                word = IDLE;
#endif
                endWrite();
                if
                :: result == ENDED -> break
                :: result == FILLED -> advance()
                :: result == BLOCKED ->
                    advance();
                    stopBlocked();
                    break
                fi
            :: result != FILLED -> break
            fi
        od;
        if
        :: result == ENDED -> endDrain()
        :: result != ENDED
        fi
    :: seen != IDLE ->
        d_step {
            seen = 0;
            result = (word >= CLOSING -> ENDED : BUSY)  /* DrainState.isEndingVolatile */
        }
    fi
}

/* SendQueue.gatherNextWrite, and its caller, which starts the write at once if there is one; or gatherPending throws */
inline gatherNextWrite() {
    fillOrLeave();
    if
    :: result == FILLED -> startWrite(THE_WRITE)
    :: result == FILLED ->
        failed = true;
        endDrain()
    :: result == ENDED -> endDrain()
    :: else
    fi
}

/* SendQueue.beginWrite */
inline beginWrite() {
    casIdleToDraining();
    if
    :: seen == IDLE -> gatherNextWrite()
    :: seen != IDLE -> seen = 0
    fi
}

/* SendQueue.requireWritePending: the write gives the window to the caller that reports its end */
inline requireWritePending() {
    d_step {
        assertOwner(owner == THE_WRITE);
        owner = _pid;
        assert(writePending);
        writePending = false
    }
}

/* SendQueue.completeWrite */
inline completeWrite() {
    requireWritePending();
    advance();
#ifdef MUTANT_COMPLETION_ONLY_CLEARS
    stopBlocked();
    if
    :: result == ENDED -> endDrain()
    :: else
    fi
#else
    gatherNextWrite()
#endif
}

/* SendQueue.failWrite */
inline failWrite() {
    requireWritePending();
    endDrain()
}

/* SendQueue.close */
inline close() {
    endBacklog();
    requestClose();
#ifdef MUTANT_CLOSE_RELEASES_WINDOW
    releaseAll(true)
#else
    releaseAll(seen == IDLE)
#endif
}

/* ---- the callers */

/*
 * What a caller of flush does with the result, if any thread may flush. Interest in the channel's readiness ends before the
 * flush that it led to, as in Session.flushOnLoop: ended after a DRAINED, it may be what a later BLOCKED asked for.
 */
inline heed(offered) {
    d_step {
        assert(result != DRAINED || (owed & offered) == 0);
        assert(result != ENDED || closed);
        if
        :: result == BLOCKED -> wanted = true
#ifdef MUTANT_INTEREST_ENDS_AFTER_DRAINED
        :: result == DRAINED -> wanted = false
#endif
        :: else
        fi;
        result = 0
    }
}

proctype Sender(byte first; byte last) {
    LOCALS;
    byte mine = first;

    do
    :: mine <= last ->
        offer(mine);
        if
        :: mine < last                  /* queued only, for a later flush */
        :: mayFlush ->
            flush();
            heed(bit(mine))
        :: mayBegin -> beginWrite()
        fi;
        result = 0;
        release(mine);
        mine++
    :: else -> break
    od;
    returned++
}

/* Flushes when the channel can be written to again, which it can be at some time: that is the fairness assumed */
proctype Loop() {
    LOCALS;

end:
    do
    :: wanted && !channelClosed ->
#ifndef MUTANT_INTEREST_ENDS_AFTER_DRAINED
        wanted = false;
#endif
        flush();
        heed(0)
    od
}

/* Ends the writes that were begun, on a thread of its own */
proctype Completion() {
    LOCALS;

end:
    do
    :: inFlight && owner == THE_WRITE ->
        endWrite();
        if
        :: result == ENDED -> failWrite()
        :: result != ENDED -> completeWrite()
        fi;
        result = 0
    od
}

/* After a close no thread flushes for its sake: the close alone, or the drainer that it met, gives everything back */
proctype Closer() {
    LOCALS;

    if
    :: close();
        channelClosed = true
    :: true
    fi;
    returned++
}

init {
    byte closer;

    atomic {
        run Sender(0, FIRST_SENDS - 1);
        run Sender(FIRST_SENDS, FIRST_SENDS);
        do
        :: closer < CLOSERS -> run Closer(); closer++
        :: else -> break
        od;
        run Loop();
        run Completion()
    }
    timeout ->                          /* at rest */
        assert(returned == SENDERS + CLOSERS);
        assert(owed == 0 && freed == ALL);
        assert(len(ring) == 0 && len(window) == 0);
        assert(queuedMessages == 0 && queuedBytes == 0);
        assert(!inFlight && !writePending);
        assert(word == (closed -> CLOSED : IDLE))
}

/* ---- liveness, if every process that can proceed does so eventually */

/* Nothing queued stays forever */
ltl nothing_stays { [] (owed != 0 -> <> (owed == 0)) }

/* The memory comes back */
ltl memory_returns { <> (freed == ALL) }

/* A close is carried out, by the closer or by the drainer that it met */
ltl close_ends { [] (closed -> <> (word == CLOSED)) }

/* No call spins forever */
ltl calls_return { <> (returned == SENDERS + CLOSERS) }
