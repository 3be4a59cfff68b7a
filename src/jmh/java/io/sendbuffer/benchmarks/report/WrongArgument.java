/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

/** The command line is wrong; the message is for the user. */
public final class WrongArgument extends Exception {
    private static final long serialVersionUID = 1;

    public WrongArgument(String message) {
        super(message);
    }
}
