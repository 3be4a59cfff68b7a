/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.live;

import java.util.Random;

/** Objects that move in a square of 1,000 by 1,000, and bounce off its walls. For one thread. */
final class World {
    private static final int SIZE = 1_000;
    private static final int FASTEST = 12;

    private final int[] x;
    private final int[] y;
    private final int[] xSpeed;
    private final int[] ySpeed;
    private final StringBuilder json = new StringBuilder();

    World(int objects) {
        Random random = new Random(objects);
        x = random.ints(objects, 0, SIZE).toArray();
        y = random.ints(objects, 0, SIZE).toArray();
        xSpeed = random.ints(objects, -FASTEST, FASTEST + 1).toArray();
        ySpeed = random.ints(objects, -FASTEST, FASTEST + 1).toArray();
    }

    void move() {
        for (int i = 0; i < x.length; i++) {
            x[i] = move(x[i], i, xSpeed);
            y[i] = move(y[i], i, ySpeed);
        }
    }

    private static int move(int from, int index, int[] speeds) {
        int to = from + speeds[index];
        if (to < 0 || to > SIZE) {
            speeds[index] = -speeds[index];
            return from;
        }
        return to;
    }

    /** All of it, so that a client may miss any number of these. Valid until the next call. */
    CharSequence toJson(long tick) {
        json.setLength(0);
        json.append("{\"tick\":").append(tick).append(",\"at\":[");
        for (int i = 0; i < x.length; i++) {
            json.append(i == 0 ? "" : ",").append(x[i]).append(',').append(y[i]);
        }
        return json.append("]}");
    }
}
