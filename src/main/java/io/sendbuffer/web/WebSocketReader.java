/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static io.sendbuffer.web.WebSocketFrames.CLOSE;
import static io.sendbuffer.web.WebSocketFrames.MAX_CONTROL_PAYLOAD;
import static io.sendbuffer.web.WebSocketFrames.PING;
import static io.sendbuffer.web.WebSocketFrames.TEXT;

import io.sendbuffer.PoolExhaustedException;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SendWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the messages of one client out of its input, however that was cut. The mask is removed in place, in the receive
 * buffer. A message that lies whole in it is handed over there; what was cut or fragmented is collected in memory of a
 * pool, which grows with what has come and not with what is announced. Text is checked as it comes, so an error is
 * found with the byte that makes it one.
 *
 * <p>What a handler throws leaves {@link #read}, and the message counts as read. For one thread at a time.
 */
final class WebSocketReader {
    private static final int HEADER = 2;
    private static final int KEY = 4;
    private static final int RESERVED = 0x30;
    private static final int FIRST_CONTROL = 8;
    private static final int LAST_OPCODE = 10;

    /** No message has begun. */
    private static final int NONE = 0;

    /** Gets what is valid during the call alone. */
    interface Handler {
        void onText(ByteBuffer utf8);

        void onBinary(ByteBuffer bytes);

        void onPing(ByteBuffer payload);

        void onPong(ByteBuffer payload);

        /** The last call: nothing behind a close frame is read. */
        void onClose(int code, ByteBuffer reason);
    }

    private final SendBufferPool pool;
    private final int maxMessage;
    private final @Nullable Spare<MessageInflater> inflaters;
    private final Handler handler;
    private final Utf8Validator utf8 = new Utf8Validator();

    // ---- the frame

    /** How many bytes of the header have come. */
    private int headerSeen;

    private int headerLength = HEADER + KEY;
    private int first;
    private int key;

    /** How much of the payload is still to come; while the header comes, what has come of the length. */
    private long left;

    // ---- the message

    private int message = NONE;
    private boolean isDeflated;
    private long messageLength;

    /** What has come of it in earlier reads or frames. */
    private @Nullable SendWriter begun;

    /** What has come of a control frame that was cut. */
    private @Nullable ByteBuffer control;

    private boolean over;

    /**
     * Creates a reader.
     *
     * @param inflaters null if no compression was negotiated
     */
    WebSocketReader(SendBufferPool pool, int maxMessage, @Nullable Spare<MessageInflater> inflaters, Handler handler) {
        this.pool = pool;
        this.maxMessage = maxMessage;
        this.inflaters = inflaters;
        this.handler = handler;
    }

    /**
     * Hands over each message and control frame that ends in this input.
     *
     * @param input big-endian; what is read of it changes
     * @throws WebSocketException if the client breaks the protocol, or there is no room for the beginning of a message;
     *     nothing more is read then
     */
    void read(ByteBuffer input) {
        while (input.hasRemaining() && !over) {
            if (headerSeen < headerLength) {
                addToHeader(input.get() & 0xFF);
                if (headerSeen < headerLength || (left > 0 && !input.hasRemaining())) {
                    continue;
                }
            }
            readPayload(input);
        }
        input.position(input.limit());
    }

    /** Gives back what was kept of a message. Nothing more is read. */
    void close() {
        over = true;
        SendWriter writer = begun;
        if (writer != null) {
            writer.clear();
        }
    }

    // ---- headers

    private void addToHeader(int next) {
        int index = headerSeen++;
        if (index == 0) {
            first = next;
            checkFirst();
        } else if (index == 1) {
            checkSecond(next);
        } else if (index < headerLength - KEY) {
            left = (left << Byte.SIZE) | next;
            if (index == headerLength - KEY - 1) {
                checkLongLength();
            }
        } else {
            key = (key << Byte.SIZE) | next;
        }
    }

    private int opcode() {
        return first & WebSocketFrames.OPCODE_BITS;
    }

    private boolean isFinal() {
        return (first & WebSocketFrames.FINAL) != 0;
    }

    private void checkFirst() {
        int opcode = opcode();
        boolean deflated = (first & WebSocketFrames.DEFLATED) != 0;
        if ((first & RESERVED) != 0 || (deflated && inflaters == null)) {
            throw error("a reserved bit is set that no extension has a use for");
        }
        if (opcode > LAST_OPCODE || (opcode > WebSocketFrames.BINARY && opcode < FIRST_CONTROL)) {
            throw error("opcode " + opcode + " is reserved");
        }
        if (opcode >= FIRST_CONTROL) {
            if (!isFinal() || deflated) {
                throw error("a control frame is neither fragmented nor compressed");
            }
        } else if (opcode == NONE) {
            if (message == NONE || deflated) {
                throw error(
                        deflated ? "only the first frame says that it is compressed" : "there is nothing to continue");
            }
        } else {
            if (message != NONE) {
                throw error("the message before was not ended");
            }
            message = opcode;
            isDeflated = deflated;
            messageLength = 0;
            utf8.reset();
        }
    }

    private void checkSecond(int second) {
        int length = second & WebSocketFrames.LENGTH_BITS;
        if ((second & WebSocketFrames.FINAL) == 0) {
            throw error("a client's frame has to be masked");
        }
        if (length > MAX_CONTROL_PAYLOAD) {
            if (opcode() >= FIRST_CONTROL) {
                throw error("a control frame has a payload of up to 125 bytes");
            }
            headerLength += length == WebSocketFrames.LENGTH_IN_16_BITS ? Short.BYTES : Long.BYTES;
            left = 0;
            return;
        }
        left = length;
        checkLength();
    }

    private void checkLongLength() {
        long least =
                headerLength - KEY - HEADER == Short.BYTES ? WebSocketFrames.LENGTH_IN_16_BITS : 1 << Character.SIZE;
        if (left < least) {
            throw error(
                    left < 0
                            ? "a length of more than 63 bits"
                            : "a length that is written in more bytes than it needs");
        }
        checkLength();
    }

    /** Before any memory is taken for it. */
    private void checkLength() {
        if (opcode() < FIRST_CONTROL) {
            if (left > maxMessage - messageLength) {
                over = true;
                throw new WebSocketException(
                        CloseCodes.TOO_LARGE, "a message of more than " + maxMessage + " bytes, by maxMessage");
            }
            messageLength += left;
        }
    }

    private WebSocketException error(String what) {
        over = true;
        return new WebSocketException(CloseCodes.PROTOCOL_ERROR, what);
    }

    // ---- payloads

    /** Reads what there is of a frame's payload; its header is whole. */
    private void readPayload(ByteBuffer input) {
        int from = input.position();
        int to = from + (int) Math.min(left, input.remaining());
        key = Masks.remove(input, from, to, key);
        left -= to - from;
        input.position(to);
        boolean isEnd = left == 0;
        if (isEnd) {
            headerSeen = 0; // what is thrown from here on is behind this frame
            headerLength = HEADER + KEY;
        }
        if (opcode() >= FIRST_CONTROL) {
            readControl(input, from, to, isEnd);
        } else {
            readData(input, from, to, isEnd && isFinal());
        }
    }

    private void readControl(ByteBuffer input, int from, int to, boolean isEnd) {
        ByteBuffer earlier = control;
        if (isEnd && (earlier == null || earlier.position() == 0)) {
            inPlace(input, from, to, this::handOverControl);
            return;
        }
        if (earlier == null) {
            earlier = ByteBuffer.allocate(MAX_CONTROL_PAYLOAD);
            control = earlier;
        }
        earlier.put(earlier.position(), input, from, to - from).position(earlier.position() + to - from);
        if (isEnd) {
            control = null;
            handOverControl(earlier.flip());
        }
    }

    private void handOverControl(ByteBuffer payload) {
        switch (opcode()) {
            case PING -> handler.onPing(payload);
            case CLOSE -> handOverClose(payload);
            default -> handler.onPong(payload);
        }
    }

    private void handOverClose(ByteBuffer payload) {
        if (!payload.hasRemaining()) {
            over = true;
            handler.onClose(CloseCodes.NONE, payload);
            return;
        }
        if (payload.remaining() < Short.BYTES) {
            throw error("half of a close code");
        }
        int code = payload.getShort() & 0xFFFF;
        if (!CloseCodes.isValid(code)) {
            throw error("close code " + code + " is not to be sent");
        }
        Utf8Validator reason = new Utf8Validator();
        if (!reason.accepts(payload, payload.position(), payload.limit()) || !reason.isComplete()) {
            throw noText();
        }
        over = true;
        handler.onClose(code, payload);
    }

    private void readData(ByteBuffer input, int from, int to, boolean isEnd) {
        if (message == TEXT && !isDeflated && (!utf8.accepts(input, from, to) || (isEnd && !utf8.isComplete()))) {
            throw noText();
        }
        SendWriter earlier = begun;
        boolean isWhole = isEnd && (earlier == null || earlier.length() == 0);
        if (isWhole) {
            inPlace(input, from, to, handOverTo());
            return;
        }
        if (to > from) {
            keep(input, from, to - from);
        }
        if (isEnd) {
            Consumer<ByteBuffer> end = handOverTo();
            try (SendBuffer whole = writer().seal()) { // which has begun, so it needs no more memory
                whole.forBytes(0, whole.length(), end);
            }
        }
    }

    private void keep(ByteBuffer input, int from, int length) {
        try {
            writer().putBytes(input, from, length);
        } catch (PoolExhaustedException e) {
            throw noMemory();
        }
    }

    private WebSocketException noMemory() {
        over = true;
        return new WebSocketException(CloseCodes.TRY_AGAIN_LATER, "there is no memory for a message that is not whole");
    }

    private WebSocketException noText() {
        over = true;
        return new WebSocketException(CloseCodes.INVALID_TEXT, "what came as text is no UTF-8");
    }

    private SendWriter writer() {
        SendWriter writer = begun;
        if (writer == null) {
            writer = pool.writer(maxMessage);
            begun = writer;
        }
        return writer;
    }

    /** The message has ended, so that what is thrown from here on is behind it: what to do with its payload. */
    private Consumer<ByteBuffer> handOverTo() {
        boolean isText = message == TEXT;
        message = NONE;
        if (isDeflated) {
            return isText ? this::inflateText : this::inflateBinary;
        }
        return isText ? handler::onText : handler::onBinary;
    }

    private static void inPlace(ByteBuffer input, int from, int to, Consumer<ByteBuffer> action) {
        int limit = input.limit();
        try {
            action.accept(input.limit(to).position(from));
        } finally {
            input.order(ByteOrder.BIG_ENDIAN).limit(limit).position(to);
        }
    }

    private void inflateText(ByteBuffer deflated) {
        inflate(deflated, text -> {
            utf8.reset();
            if (!utf8.accepts(text, text.position(), text.limit()) || !utf8.isComplete()) {
                throw noText();
            }
            handler.onText(text);
        });
    }

    private void inflateBinary(ByteBuffer deflated) {
        inflate(deflated, handler::onBinary);
    }

    private void inflate(ByteBuffer deflated, Consumer<ByteBuffer> action) {
        Spare<MessageInflater> spare = inflaters;
        if (spare == null) {
            throw new AssertionError("no message is compressed that was not negotiated");
        }
        MessageInflater inflater = spare.take();
        SendBuffer inflated;
        try (SendWriter writer = pool.writer(maxMessage)) {
            inflater.inflate(deflated, writer, maxMessage);
            inflated = writer.seal();
        } catch (WebSocketException e) {
            over = true;
            throw e;
        } catch (PoolExhaustedException e) {
            throw noMemory();
        } finally {
            spare.giveBack(inflater);
        }
        try (inflated) {
            inflated.forBytes(0, inflated.length(), action);
        }
    }
}
