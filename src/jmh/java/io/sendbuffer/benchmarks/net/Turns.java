/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The order in which contenders are measured. All are connected, and all but one are idle; that one is measured
 * briefly, then the next. So other activity on the machine affects all alike.
 */
public final class Turns {
    private Turns() {}

    /**
     * Every second turn reverses the order of the one before, and every other one begins with the next contender: in
     * twice as many turns as there are contenders, each contender takes each place equally often, and none always
     * follows the same one.
     *
     * @param turn from 1 on; the count continues from round to round
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
