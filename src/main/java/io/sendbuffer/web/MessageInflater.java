/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendWriter;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Inflates messages, each for itself: the client was asked not to take its window over from one to the next. */
final class MessageInflater {
    private static final int STEP = 8 << 10;
    private static final byte[] NOTHING = {};

    /** What a sender leaves out at the end of each message. */
    private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};

    private final Inflater inflater = new Inflater(true);
    private final byte[] step = new byte[STEP];

    /**
     * Inflates a message.
     *
     * @param max how long it may become: what is longer is found out before it takes memory
     */
    void inflate(ByteBuffer deflated, SendWriter into, int max) {
        try {
            inflater.reset();
            feed(deflated, into, max);
            feed(ByteBuffer.wrap(TAIL), into, max);
        } catch (DataFormatException e) {
            throw corrupt();
        } finally {
            inflater.setInput(NOTHING); // it refers to the message
        }
    }

    private void feed(ByteBuffer input, SendWriter into, int max) throws DataFormatException {
        if (inflater.finished()) {
            inflater.reset();
        }
        inflater.setInput(input);
        while (true) {
            int count = inflater.inflate(step);
            if (count > max - into.length()) {
                throw new WebSocketException(
                        CloseCodes.TOO_LARGE, "a message of more than " + max + " bytes when it is inflated");
            }
            into.putBytes(step, 0, count);
            if (inflater.needsDictionary()) {
                throw corrupt();
            }
            if (inflater.finished() && input.hasRemaining()) { // a last block, and another one behind it
                inflater.reset();
                inflater.setInput(input);
            } else if (count < step.length && (inflater.finished() || inflater.needsInput())) {
                return;
            }
        }
    }

    private static WebSocketException corrupt() {
        return new WebSocketException(CloseCodes.INVALID_TEXT, "what came cannot be inflated");
    }

    void end() {
        inflater.end();
    }
}
