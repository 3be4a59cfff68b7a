package io.sendbuffer.benchmarks.net;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * In which order contenders are measured. All are connected and idle but one, which is measured for a moment; then the
 * next. So what else happens on the machine hits all alike.
 */
public final class Turns {
    private Turns() {}

    /** Each turn begins with another one, and every second goes backwards: nobody always comes after the same. */
    public static <T> List<T> order(List<T> contenders, int turn) {
        List<T> order = new ArrayList<>(contenders);
        Collections.rotate(order, -turn);
        if (turn % 2 == 0) {
            Collections.reverse(order);
        }
        return order;
    }
}
