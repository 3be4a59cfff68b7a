/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

/** The close codes of RFC 6455, section 7.4, and those that were registered later. */
final class CloseCodes {
    static final int NORMAL = 1000;
    static final int PROTOCOL_ERROR = 1002;
    static final int UNACCEPTABLE = 1003;

    /** Never sent: the close frame of the peer had no code. */
    static final int NONE = 1005;

    /** Never sent: the connection ended without a close frame. */
    static final int ABNORMAL = 1006;

    static final int INVALID_TEXT = 1007;
    static final int TOO_LARGE = 1009;
    static final int TRY_AGAIN_LATER = 1013;

    private CloseCodes() {}

    /** True if a close frame may have it. */
    static boolean isValid(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }
}
