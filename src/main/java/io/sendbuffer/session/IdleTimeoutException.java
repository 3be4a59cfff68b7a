/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.net.SocketTimeoutException;
import java.time.Duration;

/** The cause of a session that ended because nothing came in or went out for its {@link SessionBuilder#idleTimeout}. */
public final class IdleTimeoutException extends SocketTimeoutException {
    private static final long serialVersionUID = 1;

    IdleTimeoutException(Duration timeout) {
        super("nothing came in or went out for " + timeout + ", the idle timeout");
    }
}
