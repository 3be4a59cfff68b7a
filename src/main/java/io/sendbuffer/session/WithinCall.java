package io.sendbuffer.session;

import io.sendbuffer.SendQueue;
import java.lang.StackWalker.StackFrame;

/**
 * Finds out whether a close comes from the user's code that a write, the end of a session or a report calls: a release
 * listener, a channel, an error handler. A close that waits there for the write or the end would wait for itself. Asked
 * of the stack, so that no call has to leave a mark.
 */
final class WithinCall {
    private static final String QUEUE = SendQueue.class.getName();
    private static final String REPORT = ErrorCalls.class.getName();
    private static final String SESSION = Session.class.getName();
    private static final String END = "end";

    private WithinCall() {}

    /** True if the calling thread is within such a call. */
    static boolean isCallers() {
        return StackWalker.getInstance().walk(frames -> frames.anyMatch(WithinCall::mayCallTheUser));
    }

    private static boolean mayCallTheUser(StackFrame frame) {
        String name = frame.getClassName();
        return name.equals(QUEUE)
                || name.equals(REPORT)
                || (name.equals(SESSION) && frame.getMethodName().equals(END));
    }
}
