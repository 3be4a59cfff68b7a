/*
 * The drain and close protocol of io.sendbuffer.SendQueue, for an exhaustive search by SPIN; run it with ./check.
 *
 * Two senders, a loop that flushes what blocked, the completion of pending writes, a close that may come at any time or
 * never, and a channel that may take all, some, nothing, or fail. What is one step in Java is one step here: a volatile
 * read, a compare-and-set, a block under the lock. Such a block may be one step although fillWindow's also steps the drain
 * word, which others step without the lock: it does so once, last, and all else in it is the lock's or the window's.
 * Steps on the window alone are as large as is convenient: every one asserts that its process owns the window.
 *
 * -DWAY= chooses how senders drain: 1 flush, 2 beginWrite, 3 either, at each send anew.
 * -DMUTANT_... breaks the protocol in one place: ./check knows what must be found then.
 */

#define FLUSH 1
#define PENDING 2
#define EITHER 3
#ifndef WAY
#define WAY EITHER
#endif

#ifndef CLOSERS
#define CLOSERS 1
#endif
#define SENDERS 2
#ifndef PER_SENDER
#define PER_SENDER 2
#endif
#ifndef SHORT_WRITES
#define SHORT_WRITES 2                  /* how often the channel may take less; then it takes all, or fails */
#endif
#define MESSAGES (SENDERS * PER_SENDER)
#define ALL ((1 << MESSAGES) - 1)
#define LENGTH 2                        /* bytes of a message: a write may end in the middle of one */
#define MAX_WRITE 3                     /* QueueLimits.maxBytesPerWrite: so may a write that the channel took whole */
#define MAX_QUEUED_BYTES 6              /* QueueLimits.maxQueuedBytes: offers may be refused */
#define MAX_QUEUED_MESSAGES 3           /* QueueLimits.maxQueuedMessages */
#define bit(m) (1 << (m))

/* OfferResult and FlushResult; ENDED is their CLOSED, FILLED is fillWindow's null */
mtype = { QUEUED, REFUSED, ENDED, FILLED, DRAINED, BLOCKED, BUSY }

/* DrainWord.state */
#define IDLE 0
#define DRAINING 1
#define CLOSING 2
#define CLOSED 3
byte word = IDLE;

/* SendQueue, guarded by its lock: MessageRing and the counters */
chan ring = [MESSAGES] of { byte };
byte queuedBytes;
byte queuedMessages;
bool closed;

/* GatherWindow and SendQueue.writePending, owned by whoever claimed the word */
chan window = [MESSAGES] of { byte };
byte writtenOfFirst;
byte entryBytes;
byte completedBytes;
byte completedMessages;
bool writePending;
#define windowBytes (len(window) * LENGTH - writtenOfFirst)

/* RefCounted.refCount: the sender's own reference to begin with */
byte refCount[MESSAGES] = 1;

/* The caller's: the channel is to be flushed when it can be written to, as Session asks its loop; the channel is closed */
bool wanted;
bool channelClosed;

/* What is asserted and claimed; the protocol does not read it */
#define NOBODY 0
#define THE_WRITE 255
byte owner = NOBODY;                    /* of the window: a process, or a write in flight */
byte owed;                              /* messages to which the queue holds a reference */
byte freed;                             /* messages whose memory came back */
byte reading;                           /* messages whose memory a write reads at this moment */
bool inFlight;
bool failed;
byte halfway;                           /* the message that is half on the wire, plus one */
byte bytesOfHalfway;
byte shortWrites = SHORT_WRITES;
byte returned;
hidden byte i;

#ifdef WITHOUT_OWNER                    /* for controls: the other assertions hold up by themselves */
#define assertOwned() skip
#define assertUnowned() skip
#else
#define assertOwned() assert(owner == _pid)             /* one drainer */
#define assertUnowned() assert(owner == NOBODY)
#endif

#define LOCALS \
    byte seen; byte m; byte left; byte written; mtype result; bool claimed; bool ours; bool decided; bool last; bool threw; \
    chan rest = [MESSAGES] of { byte }

/* ---- RefCounted */

/* RefCounted.tryRetainReferences: the compare-and-set that succeeds */
inline retain(message) {
    d_step {
        assert(refCount[message] > 0);
        refCount[message]++
    }
}

/* RefCounted.releaseReferences: the compare-and-set that succeeds, then free by whom it brought to zero */
inline release(message) {
    d_step {
        assert(refCount[message] > 0);
        refCount[message]--;
        last = (refCount[message] == 0)
    }
#ifdef MUTANT_FREE_AFTER_REREAD
    last = (refCount[message] == 0);
#endif
    free(message)
}

/* The same, of the reference that the queue took */
inline releaseQueued(message) {
    d_step {
        assert(refCount[message] > 0);
        assert(owed & bit(message));
        owed = owed & ~bit(message);
        refCount[message]--;
        last = (refCount[message] == 0)
    }
#ifdef MUTANT_FREE_AFTER_REREAD
    last = (refCount[message] == 0);
#endif
    free(message)
}

/* SendBuffer.free */
inline free(message) {
    if
    :: last ->
        d_step {
            assert((freed & bit(message)) == 0);        /* one free */
            assert((reading & bit(message)) == 0);      /* none during a write */
            freed = freed | bit(message)
        }
    :: else
    fi
}

/* ---- DrainWord */

/* DrainWord.casIdleToDraining: a volatile read, then the compare-and-set */
inline casIdleToDraining() {
    seen = word;
    claimed = false;
    if
    :: seen == IDLE ->
        d_step {
            if
#ifdef MUTANT_CHECK_THEN_SET
            :: true ->
#else
            :: word == IDLE ->
#endif
                word = DRAINING;
                claimed = true;
                assertUnowned();
                owner = _pid
            :: else
            fi
        }
    :: else
    fi
}

/* DrainWord.casDrainingToIdle; within a step of its caller's */
inline casDrainingToIdle(whenLeft) {
    assertOwned();
    if
#ifdef MUTANT_LEAVE_BY_SET
    :: true ->
#else
    :: word == DRAINING ->
#endif
        word = IDLE;
        owner = NOBODY;
        result = whenLeft
    :: else -> result = ENDED
    fi
}

/* DrainWord.requestClose: volatile read and compare-and-set, until one of them decides */
inline requestClose() {
    ours = false;
    decided = false;
    do
    :: decided -> break
    :: else ->
        seen = word;
        if
        :: seen == IDLE ->
            d_step {
                if
                :: word == IDLE ->
                    word = CLOSED;
                    ours = true;
                    decided = true;
                    assertUnowned();
                    owner = _pid
                :: else
                fi
            }
        :: seen == DRAINING ->
            d_step {
                if
                :: word == DRAINING ->
                    word = CLOSING;
                    decided = true
                :: else
                fi
            }
#ifdef MUTANT_REQUEST_CLOSE_SPINS
        :: else
#else
        :: else -> decided = true
#endif
        fi
    od
}

/* DrainWord.setClosedVolatile */
inline setClosedVolatile() {
    d_step {
        assertOwned();
        assert(word == DRAINING || word == CLOSING);
        assert(len(window) == 0);
        word = CLOSED;
        owner = NOBODY
    }
}

/* ---- GatherWindow */

/* GatherWindow.gather and the start of the channel's write, which reads the memory from now on */
inline startWrite(whoOwns) {
    d_step {
        assertOwned();
        assert(!inFlight && !failed);
        inFlight = true;
        entryBytes = (windowBytes < MAX_WRITE -> windowBytes : MAX_WRITE);
        assert(entryBytes > 0);
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
        owner = whoOwns
    }
}

/* The channel: any answer. A count that cannot be, which GatherWindow.advance refuses, is a failure like another. */
inline endWrite() {
    atomic {
        assert(inFlight);
        assert((freed & reading) == 0);
        if
        :: written = entryBytes
        :: shortWrites > 0 ->
            shortWrites--;
            if
            :: written = 0
            :: entryBytes > 1 -> written = 1
            :: entryBytes > 2 -> written = 2
            fi
        :: failed = true
        fi;
        threw = failed;
        inFlight = false;
        reading = 0
    }
}

/* GatherWindow.advance: out of the window first, then the release */
inline advance() {
    left = written;
    d_step {
        assertOwned();
        completedBytes = completedBytes + written
    }
    do
    :: left > 0 ->
        d_step {
            assertOwned();
            window?<m>;
            assert(halfway == 0 || halfway == m + 1);   /* a half-written message is followed by its other half */
            assert(writtenOfFirst == bytesOfHalfway);
            if
            :: left < LENGTH - writtenOfFirst ->
                writtenOfFirst = writtenOfFirst + left;
                left = 0;
                halfway = m + 1;
                bytesOfHalfway = writtenOfFirst;
                last = false
            :: else ->
                left = left - (LENGTH - writtenOfFirst);
                completedMessages++;
                window?m;
                writtenOfFirst = 0;
                halfway = 0;
                bytesOfHalfway = 0;
                last = true;
                i = m - m % PER_SENDER;
                do
                :: i < m -> assert((owed & bit(i)) == 0); i++   /* first in, first out */
                :: else -> break
                od
            fi
        }
        if
        :: last -> releaseQueued(m)
        :: else
        fi
    :: else -> break
    od
#ifdef MUTANT_REST_GOES_LAST
    ;
    d_step {
        if
        :: len(window) > 1 -> window?m; window!m
        :: else
        fi
    }
#endif
}

/* ---- SendQueue */

/* SendQueue.offer: the finally is what the queue did not take */
inline offer(message) {
#ifdef MUTANT_RETAIN_AFTER_ENQUEUE
    enqueue(message);
    retain(message);
#else
    retain(message);
    enqueue(message);
#endif
    if
    :: result != QUEUED -> release(message)
    :: else
    fi
}

/* SendQueue.enqueue, under the lock */
inline enqueue(message) {
    refuse = false;
#ifdef MUTANT_CLOSED_READ_OUTSIDE_LOCK
    refuse = closed;
#define CLOSED_IN_ENQUEUE refuse
#else
#define CLOSED_IN_ENQUEUE closed
#endif
    d_step {
        if
        :: CLOSED_IN_ENQUEUE -> result = ENDED
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

/* SendQueue.fillWindow, under the lock, with moveIntoWindow and the step to IDLE */
inline fillWindow() {
    d_step {
        countOffWritten();
        result = ENDED;
        if
        :: !closed ->
            do
            :: windowBytes < MAX_WRITE && len(ring) > 0 -> ring?m; window!m
            :: else -> break
            od;
            if
            :: len(window) > 0 -> result = FILLED
            :: else ->
                result = DRAINED;
#ifndef MUTANT_STEP_TO_IDLE_OUTSIDE_LOCK
                assert(word == DRAINING);       /* CLOSING comes after closed: requestClose after closeRing */
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

/* SendQueue.closeRing, under the lock */
inline closeRing() {
    d_step {
        closed = true;
        do
        :: len(ring) > 0 -> ring?m; rest!m
        :: else -> break
        od;
        queuedBytes = 0;
        queuedMessages = 0
    }
}

/* SendQueue.releaseAll: GatherWindow.poll, MessageRing.poll */
inline releaseAll(withWindow) {
    do
    :: withWindow && len(window) > 0 ->
        d_step {
            assertOwned();
            window?m;
            writtenOfFirst = 0
        }
        releaseQueued(m)
    :: !(withWindow && len(window) > 0) && len(rest) > 0 ->
        rest?m;
        releaseQueued(m)
    :: else -> break
    od
}

/* SendQueue.endDrain */
inline endDrain() {
#ifdef MUTANT_FAILURE_LEAVES_RING
    if
    :: failed
    :: else -> closeRing()
    fi;
#else
    closeRing();
#endif
#ifdef MUTANT_NO_RELEASE_ON_FAILURE
    if
    :: failed ->
        d_step {
            do
            :: len(window) > 0 -> window?m
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
    :: claimed ->
        do
        :: fillWindow();
            if
            :: result == FILLED ->
#ifdef MUTANT_IDLE_BEFORE_WRITE
                word = IDLE;
#endif
                startWrite(_pid);
                endWrite();
                if
                :: threw ->
                    result = ENDED;
                    break
                :: else ->
                    advance();
                    if
                    :: written == entryBytes
                    :: else ->
                        stopBlocked();
                        break
                    fi
                fi
            :: else -> break
            fi
        od;
        if
        :: result == ENDED -> endDrain()
        :: else
        fi
    :: else ->
        seen = word;
        result = (seen >= CLOSING -> ENDED : BUSY)      /* DrainWord.isEndingVolatile */
    fi
}

/* SendQueue.gatherNextWrite, and its caller, who starts the write at once if there is one */
inline gatherNextWrite() {
    fillWindow();
    if
    :: result == FILLED ->
        d_step {
            assertOwned();
            assert(!writePending);
            writePending = true
        }
        startWrite(THE_WRITE)
    :: result == ENDED -> endDrain()
    :: else
    fi
}

/* SendQueue.beginWrite */
inline beginWrite() {
    casIdleToDraining();
    if
    :: claimed -> gatherNextWrite()
    :: else
    fi
}

/* SendQueue.requireWritePending */
inline requireWritePending() {
    d_step {
        assertOwned();
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
    closeRing();
    requestClose();
#ifdef MUTANT_CLOSE_RELEASES_WINDOW
    ours = true;
#endif
    releaseAll(ours)
}

/* ---- the callers */

/*
 * What a caller of flush does with the result, if any thread may flush. Interest in the channel's readiness ends before the
 * flush that it led to, as in Session.flushOnLoop: ended after a DRAINED, it may be what a later BLOCKED asked for.
 */
inline heed() {
    if
    :: result == BLOCKED -> wanted = true
#ifdef MUTANT_INTEREST_ENDS_AFTER_DRAINED
    :: result == DRAINED -> wanted = false
#endif
    :: else
    fi
}

proctype Sender(byte first) {
    LOCALS;
    bool refuse;
    byte mine = first;

    do
    :: mine < first + PER_SENDER ->
        offer(mine);
        if
        :: mine < first + PER_SENDER - 1                /* queued only, for a later flush */
        :: WAY != PENDING ->
            flush();
            assert(result != DRAINED || (owed & bit(mine)) == 0);
            assert(result != ENDED || word >= CLOSING);
            heed()
        :: WAY != FLUSH -> beginWrite()
        fi;
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
        heed()
    od
}

/* Ends the writes that were begun, on a thread of its own */
proctype Completion() {
    LOCALS;

end:
    do
    :: inFlight && owner == THE_WRITE ->
        endWrite();
        owner = _pid;
        if
        :: threw -> failWrite()
        :: else -> completeWrite()
        fi
    od
}

/* After a close nobody flushes for its sake: the close alone, or the drainer that it met, gives everything back */
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
    byte sender;
    byte closer;

    atomic {
        do
        :: sender < SENDERS -> run Sender(sender * PER_SENDER); sender++
        :: else -> break
        od;
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

/* ---- liveness, if every process that can go on does at some time */

/* Nothing queued stays for ever */
ltl nothing_stays { [] (owed != 0 -> <> (owed == 0)) }

/* The memory comes back */
ltl memory_returns { <> (freed == ALL) }

/* A close is carried out, by the closer or by the drainer that it met */
ltl close_ends { [] (closed -> <> (word == CLOSED)) }

/* No call spins for ever */
ltl calls_return { <> (returned == SENDERS + CLOSERS) }
