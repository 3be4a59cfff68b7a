/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.SendQueue;
import java.lang.StackWalker.StackFrame;
import java.util.Set;

/**
 * Finds out whether a close comes from the user's code that this library calls: a callback of a session on whatever
 * thread, a factory of listeners, anything on a loop's thread, or a release listener, a channel or an error handler
 * that a write, the end of a session or a report calls. A close that waits there may wait for itself, or for another
 * one that waits for it: two callbacks that close each other's sets, for instance. So it does not wait, whichever set
 * it closes. Asked of the stack, so that no call has to leave a mark.
 */
final class WithinCall {
    /** What calls the user's code, and is never between that code and the close which it calls. */
    private static final Set<String> CALLERS = Set.of(
            SendQueue.class.getName(),
            ErrorDispatch.class.getName(),
            Session.class.getName(),
            LoopSession.class.getName(),
            AsyncSession.class.getName(),
            AsyncWriter.class.getName(),
            AsyncReader.class.getName(),
            BlockingSession.class.getName(),
            SendLoop.class.getName(),
            AsyncAcceptor.class.getName(),
            BlockingAcceptor.class.getName());

    private WithinCall() {}

    /** True if the calling thread is within such a call. */
    static boolean isCallers() {
        return StackWalker.getInstance().walk(frames -> frames.anyMatch(WithinCall::mayCallTheUser));
    }

    /** Likewise, for a call of the user's to a session, through which it came here. */
    static boolean isCallersOfSession() {
        return StackWalker.getInstance()
                .walk(frames -> frames.dropWhile(WithinCall::isOurs).anyMatch(WithinCall::mayCallTheUser));
    }

    private static boolean isOurs(StackFrame frame) {
        String name = frame.getClassName();
        return name.equals(WithinCall.class.getName())
                || name.equals(WaitingSenders.class.getName())
                || name.equals(Session.class.getName());
    }

    private static boolean mayCallTheUser(StackFrame frame) {
        return CALLERS.contains(frame.getClassName());
    }
}
