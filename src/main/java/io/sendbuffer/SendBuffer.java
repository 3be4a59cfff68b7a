/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.Checks;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One message in off-heap memory: filled by one writer, sealed, then immutable and shared by any number of receivers.
 *
 * <p><b>Assumptions.</b> Until the seal, one thread at a time writes. The buffer goes to other threads only through
 * something that publishes it: {@link SendQueue#offer} does, and so does any concurrent queue, lock or volatile field.
 *
 * <p><b>Guarantees.</b> A write that does not fit throws and changes nothing. After {@link #seal()} the bytes never
 * change and any thread that holds a reference may read them. The memory comes back once, with the last
 * {@link #release()}. Writing after the seal, sending before it, and touching the buffer after the last release throw.
 * The last is best effort: once the memory serves another message, a stale handle cannot be distinguished from a valid
 * one.
 *
 * <p><b>Ownership.</b> The caller that acquires or retains a buffer releases it.
 *
 * <pre>{@code
 * try (SendBuffer tick = pool.acquire(512)) {            // one reference, ours
 *     tick.putInt(TICK).putLong(now).putUtf8(name);      // written once
 *     players.broadcast(tick.seal());                    // every session takes a reference of its own
 * }                                                      // ours ends here; the last write frees the memory
 * }</pre>
 *
 * <p>Bytes that were never written are undefined: they may be those of an earlier message. {@link #seal()} covers what
 * the relative writes wrote, so it sends none of them; {@link #seal(int)} and {@link #seal(int, int)} send the bytes
 * that they are given.
 */
public final class SendBuffer extends AttributedSlice implements AutoCloseable {
    private static final VarHandle UNWRITTEN = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "unwritten", VarHandle.class, SendBuffer.class, int.class);

    private static final int SEALED = -1;

    private final Chunk chunk;
    private int capacity;

    /** Before the seal, where relative writes append; after it, how many bytes of its chunk the slice takes. */
    private int end;

    /** Before the seal, where the message begins: behind the headroom that is left. */
    private char front;

    /** The capacity before the seal, then negative: nothing fits, so one comparison guards a write. */
    private int writeLimit = FREED;

    private @Nullable WritableView mutableView;

    private @Nullable ReleaseListener releaseListener;

    /** Counted for the listener alone, so 0 without one. */
    @SuppressWarnings("unused")
    private int unwritten;

    SendBuffer(Chunk chunk) {
        super(chunk.memory);
        this.chunk = chunk;
    }

    /** Begins a life as the slice {@code [start, start + capacity)} of its chunk, with one reference. */
    void start(int start, int capacity) {
        this.offset = start;
        this.capacity = capacity;
        this.end = 0;
        this.front = 0;
        this.littleEndian = false;
        clearAttributes();
        this.readLimit = capacity;
        this.writeLimit = capacity;
        startCounting();
    }

    /** Begins a life as a sealed message that takes no memory of its own: other references hold what it covers. */
    void startOver(int start, int length) {
        start(start, length); // so it takes nothing of the chunk
        this.writeLimit = SEALED;
    }

    @Override
    void free() {
        long weight = Chunk.weightOf(writeLimit == SEALED ? end : capacity);
        writeLimit = FREED;
        readLimit = FREED;
        detachMutableView();
        if (releaseListener == null) {
            chunk.release(weight);
        } else {
            freeAndTell(releaseListener, weight);
        }
    }

    private void freeAndTell(ReleaseListener listener, long weight) {
        int queues = (int) UNWRITTEN.getVolatile(this);
        UNWRITTEN.setVolatile(this, 0);
        releaseListener = null;
        ChunkStore store = chunk.store;
        try {
            chunk.release(weight); // from here on this may be another message
        } finally { // whatever is thrown: others wait for this
            if (listener instanceof CoalescedRun run) {
                giveBack(run, queues, store);
            } else {
                ReleaseNotifications.call(listener, queues, store);
            }
        }
    }

    /** Called at once, since it is not user code; the listeners of what it releases are not called at once. */
    private static void giveBack(CoalescedRun run, int queues, ChunkStore store) {
        try {
            run.onReleased(queues);
        } catch (Throwable e) {
            store.report(e);
        }
    }

    // ---- size and state

    /** Bytes that fit, as acquired. */
    public int capacity() {
        requireAlive();
        return capacity;
    }

    /**
     * Bytes of the message: what was written relatively so far, or the sealed length. Headroom does not count, what was
     * prepended does.
     */
    public int length() {
        requireAlive();
        return writeLimit == SEALED ? readLimit : end - front;
    }

    /** Bytes that still fit; 0 once sealed. */
    public int remaining() {
        requireAlive();
        return Math.max(0, writeLimit - end);
    }

    /** True from the seal on, until the last release. */
    public boolean isSealed() {
        return writeLimit == SEALED;
    }

    /** References held at this moment: for tests and diagnosis, since another thread may change it at once. */
    public int referenceCount() {
        return refCountVolatile();
    }

    /**
     * Sets the byte order for all that follows, reads after the seal included.
     *
     * @throws IllegalStateException if the buffer is sealed or released
     */
    public SendBuffer order(ByteOrder order) {
        toWrite(0, 0);
        littleEndian = order == ByteOrder.LITTLE_ENDIAN;
        return this;
    }

    // ---- life

    /**
     * Ends the writing: the message is what the relative writes wrote, in front of it what was prepended, and the
     * unused rest of the capacity goes back to the pool.
     *
     * @throws IllegalStateException if the buffer is sealed or released
     */
    public SendBuffer seal() {
        return seal(front, end);
    }

    /**
     * Ends the writing with an explicit length, for messages that were written by index or through
     * {@link #asMutableDirectBuffer()}.
     *
     * @param length bytes of the message, from the start of the buffer, 0 to {@link #capacity()}
     * @throws IndexOutOfBoundsException if the length is not within the capacity
     * @throws IllegalStateException if the buffer is sealed or released
     */
    public SendBuffer seal(int length) {
        return seal(0, length);
    }

    /**
     * Ends the writing with an explicit place, for messages whose header was written by index, in front of a payload
     * whose length was not known before: the message is the bytes {@code [from, to)} of the buffer, and index 0 of the
     * sealed message is what was index {@code from}. What lies behind goes back to the pool, as in {@link #seal()};
     * what lies in front stays with the message until its memory comes back, and ends a run of neighbors.
     *
     * @param from where the message begins, in bytes from the start of the buffer, 0 to {@code to}
     * @param to where it ends, {@code from} to {@link #capacity()}
     * @throws IndexOutOfBoundsException if that is not within the capacity
     * @throws IllegalStateException if the buffer is sealed or released
     */
    public SendBuffer seal(int from, int to) {
        if (from < 0 || to < from || to > writeLimit) {
            throw cannotSeal(from, to);
        }
        int start = offset + from;
        end = chunk.giveBackTail(offset, capacity, from == to ? 0 : to); // an empty message takes nothing
        offset = start;
        readLimit = to - from;
        writeLimit = SEALED;
        detachMutableView();
        return this;
    }

    /**
     * Asks for a call when the last reference is released: every queue that took the message has written it or ended,
     * and its memory is back. Costs nothing unless asked for, and no garbage if the listener is made once and used for
     * many messages, as a {@link ReleaseCounter} is.
     *
     * <p>To be called by the thread that holds the only reference, before the message goes to any other; it applies to
     * this message alone.
     *
     * @throws IllegalStateException if there is a listener already, or the buffer was released for the last time
     */
    public SendBuffer onRelease(ReleaseListener listener) {
        Objects.requireNonNull(listener, "listener");
        requireAlive();
        if (releaseListener != null) {
            throw new IllegalStateException("the buffer has a release listener already; a message has one at most");
        }
        releaseListener = listener;
        return this;
    }

    /**
     * Gives the message a key: in a queue that is behind, a newer message of the same key takes the place of one that
     * waits, as the {@link Conflation} of that queue says. A price of one instrument, or the position of one player, of
     * which only the newest is of interest. The key is the application's own; it is not sent. A {@link BroadcastLog}
     * does not look at it.
     *
     * <p>To be called by the thread that holds the only reference, before the message goes to any other, as all that
     * gives a message attributes; it applies to this message alone. A message with attributes is not merged with its
     * neighbors in a {@link SendBatch}.
     *
     * @throws IllegalStateException if there are other references, a queue's for instance, which would not notice; or
     *     if the buffer was released for the last time
     */
    public SendBuffer conflate(long key) {
        requireUnshared();
        keyIs(key);
        return this;
    }

    /**
     * Says what a queue at its limits may do with the message; see {@link #conflate} for when to call it. Default:
     * {@link MessageClass#NORMAL}.
     *
     * @throws IllegalStateException as {@link #conflate}
     */
    public SendBuffer messageClass(MessageClass messageClass) {
        Objects.requireNonNull(messageClass, "messageClass");
        requireUnshared();
        classIs(messageClass);
        return this;
    }

    /**
     * From when on the message is of no use: a queue that has not begun to write it by then drops it, when its turn
     * comes or when it is full, and counts it. The time begins now, and holds for all queues; see {@link #conflate} for
     * when to call it. Expired messages keep their places and their memory until then. Never early, and no more than 2
     * milliseconds late where it is their turn. A {@link BroadcastLog} does not look at it.
     *
     * @param time 1 millisecond to 1 day
     * @throws IllegalArgumentException if the time is out of its range
     * @throws IllegalStateException as {@link #conflate}
     */
    public SendBuffer expireAfter(Duration time) {
        requireUnshared();
        expiresAfter(time);
        return this;
    }

    /**
     * Gives the message the key, the class and the time of another one, of which it is another form: a compressed one
     * for instance, in the queues of those that read that. What it had of its own is replaced. The time is over when
     * that of the other one is; see {@link #conflate} for when to call it.
     *
     * @param original whose reference the caller holds
     * @throws IllegalStateException as {@link #conflate}
     */
    public SendBuffer sameAttributesAs(SendBuffer original) {
        requireUnshared();
        attributesOf(original);
        return this;
    }

    private void requireUnshared() {
        requireAlive();
        int references = referenceCount();
        if (references > 1) {
            throw new IllegalStateException("the message has " + references + " references, and what holds the others,"
                    + " a queue for instance, would not notice: set key, class and time before the message is sent,"
                    + " added to a batch, or retained");
        }
    }

    /**
     * Takes another reference, to be released as the first one is.
     *
     * @throws IllegalStateException if the buffer was released for the last time, or has as many references as an int
     *     can count
     */
    public SendBuffer retain() {
        retainReferences(1);
        return this;
    }

    /** Takes several references at once; see {@link #retain()}. */
    public SendBuffer retain(int references) {
        retainReferences(references);
        return this;
    }

    /**
     * Releases a reference; the last one frees the memory. Any thread may call this, sealed or not.
     *
     * @return true if this was the last reference
     * @throws IllegalStateException if there is no reference to release; nothing changed then
     */
    public boolean release() {
        return releaseReferences(1);
    }

    /** Releases several references at once; see {@link #release()}. */
    public boolean release(int references) {
        return releaseReferences(references);
    }

    /** Releases one reference, for try-with-resources. */
    @Override
    public void close() {
        releaseReferences(1);
    }

    // ---- headroom: what is written in front of what is there

    /**
     * Leaves room at the start of the buffer for a header that is written when the payload is there, and its length
     * known: relative writes append behind it, and {@code prepend...} writes in front of them. What is not used of it
     * is not sent, and keeps the message from being the neighbor of the one before.
     *
     * @param bytes of the longest header, 0 to 65,535
     * @throws IllegalArgumentException if it is out of that range
     * @throws IndexOutOfBoundsException if the capacity is less
     * @throws IllegalStateException if something was written relatively, or the buffer is sealed or released
     */
    public SendBuffer headroom(int bytes) {
        Checks.inRange("headroom", bytes, 0, Character.MAX_VALUE);
        toWrite(0, bytes);
        if (end != 0) {
            throw new IllegalStateException("headroom is left before anything is written; there are " + length()
                    + " bytes, and a headroom of " + front);
        }
        end = bytes;
        front = (char) bytes;
        return this;
    }

    /**
     * Writes a byte, the low 8 bits of the value, into the headroom, in front of what is there. This and every other
     * {@code prepend...} throws and changes nothing if it cannot be done; the last field of a header comes first.
     *
     * @throws IndexOutOfBoundsException if there is no such headroom left
     * @throws IllegalStateException if the buffer is sealed or released
     */
    public SendBuffer prependByte(int value) {
        memory.put(prepend(Byte.BYTES), (byte) value);
        return this;
    }

    /** Writes a short, the low 16 bits of the value, in front of what is there; see {@link #prependByte}. */
    public SendBuffer prependShort(int value) {
        memory.putShort(prepend(Short.BYTES), ordered((short) value));
        return this;
    }

    /** Writes an int in front of what is there; see {@link #prependByte}. */
    public SendBuffer prependInt(int value) {
        memory.putInt(prepend(Integer.BYTES), ordered(value));
        return this;
    }

    /** Writes a long in front of what is there; see {@link #prependByte}. */
    public SendBuffer prependLong(long value) {
        memory.putLong(prepend(Long.BYTES), ordered(value));
        return this;
    }

    /** Writes a whole array in front of what is there; see {@link #prependByte}. */
    public SendBuffer prependBytes(byte[] source) {
        memory.put(prepend(source.length), source);
        return this;
    }

    /** Writes text as ASCII in front of what is there; see {@link #putAscii(CharSequence)} and {@link #prependByte}. */
    public SendBuffer prependAscii(CharSequence text) {
        int chars = text.length();
        Utf8.putAscii(text, chars, memory, prepend(chars));
        return this;
    }

    /** Writes a number as decimal digits in front of what is there; see {@link #putIntAscii(int)}. */
    public SendBuffer prependIntAscii(int value) {
        int chars = AsciiNumbers.lengthOf(value);
        AsciiNumbers.put(memory, prepend(chars), chars, value);
        return this;
    }

    // ---- relative writes: they append

    /**
     * Appends a byte, the low 8 bits of the value. This and every other relative write throws and changes nothing if it
     * cannot be done.
     *
     * @throws IndexOutOfBoundsException if it does not fit
     * @throws IllegalStateException if the buffer is sealed or released
     */
    public SendBuffer putByte(int value) {
        memory.put(append(Byte.BYTES), (byte) value);
        return this;
    }

    /** Appends a short, the low 16 bits of the value; see {@link #putByte(int)}. */
    public SendBuffer putShort(int value) {
        memory.putShort(append(Short.BYTES), ordered((short) value));
        return this;
    }

    /** Appends a char, 2 bytes; see {@link #putByte(int)}. */
    public SendBuffer putChar(char value) {
        return putShort(value);
    }

    /** Appends an int; see {@link #putByte(int)}. */
    public SendBuffer putInt(int value) {
        memory.putInt(append(Integer.BYTES), ordered(value));
        return this;
    }

    /** Appends a long; see {@link #putByte(int)}. */
    public SendBuffer putLong(long value) {
        memory.putLong(append(Long.BYTES), ordered(value));
        return this;
    }

    /** Appends a float; see {@link #putByte(int)}. */
    public SendBuffer putFloat(float value) {
        return putInt(Float.floatToRawIntBits(value));
    }

    /** Appends a double; see {@link #putByte(int)}. */
    public SendBuffer putDouble(double value) {
        return putLong(Double.doubleToRawLongBits(value));
    }

    /** Appends a whole array; see {@link #putByte(int)}. */
    public SendBuffer putBytes(byte[] source) {
        return putBytes(source, 0, source.length);
    }

    /** Appends a part of an array; see {@link #putByte(int)}. */
    public SendBuffer putBytes(byte[] source, int sourceOffset, int length) {
        putBytes(end, source, sourceOffset, length);
        return appended(length);
    }

    /** Appends what remains in a {@link ByteBuffer}, and moves its position to its limit; see {@link #putByte(int)}. */
    public SendBuffer putBytes(ByteBuffer source) {
        int bytes = source.remaining();
        putBytes(end, source);
        return appended(bytes);
    }

    /** Appends a part of a {@link ByteBuffer}, and leaves its position alone; see {@link #putByte(int)}. */
    public SendBuffer putBytes(ByteBuffer source, int sourceIndex, int length) {
        putBytes(end, source, sourceIndex, length);
        return appended(length);
    }

    /** Appends a part of another buffer, which the caller holds a reference to; see {@link #putByte(int)}. */
    public SendBuffer putBytes(SendBuffer source, int sourceIndex, int length) {
        putBytes(end, source, sourceIndex, length);
        return appended(length);
    }

    /** Appends a part of an Agrona buffer; see {@link #putByte(int)}. */
    public SendBuffer putBytes(DirectBuffer source, int sourceIndex, int length) {
        putBytes(end, source, sourceIndex, length);
        return appended(length);
    }

    /**
     * Appends text as UTF-8, without a length in front and without an array in between; see {@link #putByte(int)}. Half
     * of a surrogate pair is written as {@code '?'}.
     */
    public SendBuffer putUtf8(CharSequence text) {
        return appended(writeUtf8(end, text));
    }

    /** Appends text as ASCII, a byte for each char, {@code '?'} for what is not ASCII; see {@link #putByte(int)}. */
    public SendBuffer putAscii(CharSequence text) {
        return appended(writeAscii(end, text));
    }

    /**
     * Appends a number as decimal digits, {@code -17} for instance, without a string in between; see
     * {@link #putByte(int)}.
     */
    public SendBuffer putIntAscii(int value) {
        return appended(putIntAscii(end, value));
    }

    /** Appends a number as decimal digits; see {@link #putIntAscii(int)}. */
    public SendBuffer putLongAscii(long value) {
        return appended(putLongAscii(end, value));
    }

    // ---- absolute writes: they leave length() alone

    /**
     * Writes a byte, the low 8 bits of the value, at an index, without moving the place where relative writes append.
     * This and every other absolute write throws and changes nothing if it cannot be done. To be sent, the place must
     * be covered by the seal.
     *
     * @param index where, in bytes from the start of the buffer
     * @throws IndexOutOfBoundsException if it is not within the capacity
     * @throws IllegalStateException if the buffer is sealed or released
     */
    public SendBuffer putByte(int index, int value) {
        memory.put(toWrite(index, Byte.BYTES), (byte) value);
        return this;
    }

    /** Writes a short, the low 16 bits of the value, at an index; see {@link #putByte(int, int)}. */
    public SendBuffer putShort(int index, int value) {
        memory.putShort(toWrite(index, Short.BYTES), ordered((short) value));
        return this;
    }

    /** Writes a char, 2 bytes, at an index; see {@link #putByte(int, int)}. */
    public SendBuffer putChar(int index, char value) {
        return putShort(index, value);
    }

    /** Writes an int at an index; see {@link #putByte(int, int)}. */
    public SendBuffer putInt(int index, int value) {
        memory.putInt(toWrite(index, Integer.BYTES), ordered(value));
        return this;
    }

    /** Writes a long at an index; see {@link #putByte(int, int)}. */
    public SendBuffer putLong(int index, long value) {
        memory.putLong(toWrite(index, Long.BYTES), ordered(value));
        return this;
    }

    /** Writes a float at an index; see {@link #putByte(int, int)}. */
    public SendBuffer putFloat(int index, float value) {
        return putInt(index, Float.floatToRawIntBits(value));
    }

    /** Writes a double at an index; see {@link #putByte(int, int)}. */
    public SendBuffer putDouble(int index, double value) {
        return putLong(index, Double.doubleToRawLongBits(value));
    }

    /** Writes a part of an array at an index; see {@link #putByte(int, int)}. */
    public SendBuffer putBytes(int index, byte[] source, int sourceOffset, int length) {
        Objects.checkFromIndexSize(sourceOffset, length, source.length);
        memory.put(toWrite(index, length), source, sourceOffset, length);
        return this;
    }

    /** Writes what remains in a {@link ByteBuffer}, and moves its position; see {@link #putByte(int, int)}. */
    public SendBuffer putBytes(int index, ByteBuffer source) {
        putBytes(index, source, source.position(), source.remaining());
        source.position(source.limit());
        return this;
    }

    /**
     * Writes a part of a {@link ByteBuffer} at an index, and leaves its position alone; see {@link #putByte(int, int)}.
     */
    public SendBuffer putBytes(int index, ByteBuffer source, int sourceIndex, int length) {
        Objects.checkFromIndexSize(sourceIndex, length, source.limit());
        memory.put(toWrite(index, length), source, sourceIndex, length);
        return this;
    }

    /** Writes a part of another buffer at an index; see {@link #putByte(int, int)}. */
    public SendBuffer putBytes(int index, SendBuffer source, int sourceIndex, int length) {
        int from = source.toRead(sourceIndex, length);
        memory.put(toWrite(index, length), source.memory, from, length);
        return this;
    }

    /** Writes a part of an Agrona buffer at an index; see {@link #putByte(int, int)}. */
    public SendBuffer putBytes(int index, DirectBuffer source, int sourceIndex, int length) {
        AgronaViews.copyIn(source, sourceIndex, memory, toWrite(index, length), length);
        return this;
    }

    /**
     * Writes text as UTF-8 at an index; see {@link #putUtf8(CharSequence)} and {@link #putByte(int, int)}.
     *
     * @return how many bytes were written, which is {@link #utf8Length} of the text
     */
    public int putUtf8(int index, CharSequence text) {
        return writeUtf8(index, text);
    }

    /**
     * How many bytes a text takes as UTF-8: what {@link #putUtf8(CharSequence)} writes, and as many as
     * {@link String#getBytes(java.nio.charset.Charset) String.getBytes(UTF_8)} returns.
     *
     * @throws ArithmeticException if they are more than an int counts
     */
    public static int utf8Length(CharSequence text) {
        return Math.toIntExact(Utf8.encodedLength(text, text.length()));
    }

    /** Writes text as ASCII at an index; see {@link #putAscii(CharSequence)} and {@link #putByte(int, int)}. */
    public SendBuffer putAscii(int index, CharSequence text) {
        writeAscii(index, text);
        return this;
    }

    /**
     * Writes a number as decimal digits at an index; see {@link #putIntAscii(int)} and {@link #putByte(int, int)}.
     *
     * @return how many bytes were written, 1 to 11
     */
    public int putIntAscii(int index, int value) {
        return putLongAscii(index, value);
    }

    /**
     * Writes a number as decimal digits at an index; see {@link #putIntAscii(int)} and {@link #putByte(int, int)}.
     *
     * @return how many bytes were written, 1 to 20
     */
    public int putLongAscii(int index, long value) {
        int chars = AsciiNumbers.lengthOf(value);
        AsciiNumbers.put(memory, toWrite(index, chars), chars, value);
        return chars;
    }

    /**
     * Returns an Agrona view of the whole capacity, so that an SBE encoder, or other code that writes to Agrona's
     * buffers, writes straight into the message; then {@link #seal(int)} with the length that it wrote. The view ends
     * with the seal or the last release: every later access through it throws {@link IndexOutOfBoundsException},
     * whatever Agrona's flags are. For that reason it cannot be wrapped around anything else, and exposes no
     * {@link ByteBuffer} and no address. Needs no JVM flag. For use by the thread that writes.
     *
     * @throws IllegalStateException if the buffer is sealed or released
     */
    public MutableDirectBuffer asMutableDirectBuffer() {
        int start = toWrite(0, capacity);
        WritableView view = mutableView;
        if (view == null) {
            view = new WritableView(memory, start, capacity);
            mutableView = view;
        }
        return view;
    }

    /** Names the state, not the content. */
    @Override
    public String toString() {
        String state = writeLimit == SEALED ? "sealed" : writeLimit == FREED ? "released" : "writable";
        int length = writeLimit == SEALED ? readLimit : end - front;
        return "SendBuffer[" + state + ", length=" + length + ", capacity=" + capacity + ", references="
                + refCountVolatile() + "]";
    }

    /**
     * Calls an action with a read-only view of some of the sealed bytes, for code that reads {@link ByteBuffer}s:
     * checksums, compression, ciphers. Makes no garbage, unlike {@link #asReadOnlyByteBuffer()}: the view is used
     * again, so it is valid within the call alone. The bytes are those from its position to its limit, in the order of
     * this buffer; what lies around them belongs to other messages.
     *
     * @param index where to start, in bytes from the start of the message
     * @param length how many bytes
     * @throws IndexOutOfBoundsException if they are not within the message
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public void forBytes(int index, int length, Consumer<ByteBuffer> action) {
        checkedSealedLength();
        int start = toRead(index, length);
        ByteBuffer view = chunk.views.take(0, start, start + length);
        try {
            action.accept(view.order(order()));
        } finally {
            chunk.views.put(0, view);
        }
    }

    // ---- for the queue

    /** Where relative writes append. Before the seal. */
    int end() {
        return end;
    }

    /** Goes on in a larger buffer, which is new. */
    void moveTo(SendBuffer larger) {
        larger.order(order()).headroom(front).putBytes(this, front, end - front);
    }

    /** Releases the reference of a queue that ended before the message was written. */
    void releaseUnwritten() {
        releaseUnwritten(1);
    }

    /** Releases a reference that stood for several queues, some of which ended before the message was written. */
    void releaseUnwritten(int queues) {
        if (releaseListener != null && queues > 0) {
            UNWRITTEN.getAndAdd(this, queues);
        }
        release();
    }

    /**
     * True if a copy may take its place in the queues, so that its chunk comes back. Not if there is a listener, which
     * would learn of the original's end before the copy was written.
     */
    boolean isToBeMoved() {
        return chunk.isChosenOpaque() && !hasListener();
    }

    /** Whether a listener is notified of the release of this message, or of one that it covers. */
    boolean hasListener() {
        ReleaseListener listener = releaseListener;
        return listener instanceof CoalescedRun run ? run.hasListener() : listener != null;
    }

    Chunk chunk() {
        return chunk;
    }

    int offset() {
        return offset;
    }

    /** {@link #length()}, for a caller that holds a reference and need not check that the buffer is alive. */
    int sealedLength() {
        return readLimit;
    }

    @Override
    int checkedSealedLength() {
        if (writeLimit != SEALED) {
            throw writeLimit == FREED
                    ? released()
                    : new IllegalStateException(
                            "the buffer is still writable; call seal() before sending or sharing it");
        }
        return readLimit;
    }

    // ---- checks

    private void requireAlive() {
        if (writeLimit == FREED) {
            throw released();
        }
    }

    private int append(int bytes) {
        int at = toWrite(end, bytes);
        end += bytes;
        return at;
    }

    private SendBuffer appended(int bytes) {
        end += bytes;
        return this;
    }

    private int prepend(int bytes) {
        int index = front - bytes;
        if (index < 0 || writeLimit < 0) {
            throw cannotPrepend(bytes);
        }
        front = (char) index;
        return offset + index;
    }

    private RuntimeException cannotSeal(int from, int to) {
        return writeLimit < 0
                ? cannotWrite(0, 0)
                : new IndexOutOfBoundsException(
                        "cannot seal the bytes [" + from + ", " + to + "): the capacity is " + capacity);
    }

    private RuntimeException cannotPrepend(int bytes) {
        return writeLimit < 0
                ? cannotWrite(0, bytes)
                : new IndexOutOfBoundsException("cannot prepend " + bytes + " bytes: the headroom that is left has "
                        + (int) front + "; call headroom(...) before anything is written, with the longest header");
    }

    private int writeUtf8(int index, CharSequence text) {
        // Text that fits at its longest need not be measured first.
        int chars = text.length();
        long longest = (long) chars * Utf8.MAX_BYTES_PER_CHAR;
        long bytes = longest <= (long) writeLimit - index ? longest : Utf8.encodedLength(text, chars);
        int start = toWrite(index, (int) Math.min(bytes, Integer.MAX_VALUE)); // no buffer has room for as many
        return Utf8.put(text, chars, memory, start, start + (int) bytes);
    }

    private int writeAscii(int index, CharSequence text) {
        int chars = text.length();
        Utf8.putAscii(text, chars, memory, toWrite(index, chars));
        return chars;
    }

    private int toWrite(int index, int bytes) {
        if (index < 0 || bytes < 0 || bytes > (long) writeLimit - index) {
            throw cannotWrite(index, bytes);
        }
        return offset + index;
    }

    private RuntimeException cannotWrite(int index, int bytes) {
        if (writeLimit == FREED) {
            return released();
        }
        if (writeLimit == SEALED) {
            return new IllegalStateException(
                    "the buffer is sealed, its bytes never change again; acquire another one to write to");
        }
        return new IndexOutOfBoundsException("cannot write " + bytes + " bytes at index " + index + ": the capacity is "
                + capacity + "; acquire a larger buffer");
    }

    private void detachMutableView() {
        WritableView view = mutableView;
        if (view != null) {
            mutableView = null;
            view.end();
        }
    }
}
