/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.net.SocketTimeoutException;
import java.time.Duration;

/** The cause of a session that ended because its peer sent nothing for its {@link SessionBuilder#readTimeout}. */
public final class ReadTimeoutException extends SocketTimeoutException {
    private static final long serialVersionUID = 1;

    ReadTimeoutException(Duration timeout) {
        super("the peer sent nothing for " + timeout + ", the read timeout");
    }
}
