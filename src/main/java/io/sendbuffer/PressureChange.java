/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/** A change in how full a {@link SendQueue} is, see {@link SendQueue#takePressureChange}. */
public enum PressureChange {
    /** Nothing has changed that was not taken. */
    NONE,

    /** The queue passed its high watermark, or refused a message for its limits: it is not writable. */
    ROSE,

    /** The queue fell to its low watermark: it is writable again. */
    FELL,

    /** All that waited was written, the first time since the queue last {@link #ROSE}. Comes after {@link #FELL}. */
    DRAINED
}
