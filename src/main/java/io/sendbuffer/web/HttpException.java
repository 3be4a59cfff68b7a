/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import java.io.Serial;

/** The request is answered with an error. Without a stack trace, which would say nothing of the client. */
final class HttpException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    final HttpStatus status;

    HttpException(HttpStatus status) {
        super(status.reason, null, true, false);
        this.status = status;
    }
}
