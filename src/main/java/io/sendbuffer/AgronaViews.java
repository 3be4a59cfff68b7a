package io.sendbuffer;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The one place that touches Agrona's {@link UnsafeBuffer}, which needs a JVM flag. Loaded when the first view is asked
 * for, so that nobody else needs the flag.
 */
final class AgronaViews {
    private static final String FLAG = "--add-exports java.base/jdk.internal.misc=ALL-UNNAMED";

    private AgronaViews() {}

    static UnsafeBuffer wrap(ByteBuffer memory, int offset, int length) {
        try {
            return new UnsafeBuffer(memory, offset, length);
        } catch (LinkageError e) {
            throw new UnsupportedOperationException(
                    "an Agrona view needs the JVM flag " + FLAG
                            + " (Agrona's UnsafeBuffer does); add it to the java command",
                    e);
        }
    }

    /** Ends a view: every later access through it throws {@link IndexOutOfBoundsException}. */
    static void detach(UnsafeBuffer view) {
        view.wrap(0, 0);
    }
}
