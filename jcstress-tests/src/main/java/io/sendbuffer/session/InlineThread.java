/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

/** A thread that runs within the call of the actor that "starts" it: its work races as that of a real thread would. */
final class InlineThread extends Thread {
    InlineThread(Runnable task) {
        super(task);
    }

    @Override
    public void start() {
        CallWatch.asAnotherThread(this::run);
    }
}
