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

    /**
     * Every second turn goes through the order of the one before backwards, and every other one begins with the next
     * contender: in twice as many turns as there are contenders, each has been at each place equally often, and nobody
     * always comes after the same.
     *
     * @param turn from 1 on; counted on from round to round
     */
    public static <T> List<T> order(List<T> contenders, int turn) {
        List<T> order = new ArrayList<>(contenders);
        Collections.rotate(order, -((turn - 1) / 2));
        if (turn % 2 == 0) {
            Collections.reverse(order);
        }
        return order;
    }
}
