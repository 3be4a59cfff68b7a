/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

/**
 * A task that a {@link SendLoop} runs when its time has come: what {@link SendLoop#schedule} and
 * {@link SendLoop#scheduleAtFixedRate} return. Any thread may call.
 */
public sealed interface LoopTask permits ScheduledTask {
    /**
     * Keeps the task from running, or from running again. Does not wait for a run that has begun.
     *
     * @return true if no run begins from now on, due to this call; false if the task {@linkplain #isOver is over}
     *     already
     */
    boolean cancel();

    /** True from the moment that no run of the task is to begin any more: the last has, it was canceled, or dropped. */
    boolean isOver();
}
