/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * What lies between a session of a {@link SendLoop} and its socket, and changes the bytes on their way: TLS for one.
 * The library knows no protocol; the samples have a layer that is made of a {@code TlsChannel}.
 *
 * <p>A layer reads from and writes to its non-blocking socket itself. What it cannot finish now it leaves unfinished,
 * and says which {@link Need} it has: the loop calls it again when the socket is ready. A read may need to write, and a
 * write may need to read.
 *
 * <pre>{@code
 * handshake() until NOTHING             onOpened
 * read(...), write(...), flush()        in any order
 * endOutput() until NOTHING             after the last message, and after flush() returned NOTHING
 * read(...)                             after that too, if the factory keeps input
 * close()                               at any time, from any thread
 * }</pre>
 *
 * <p><b>Threads.</b> The loop makes the calls, one at a time, except for {@link #close()}. With
 * {@link WriteMode#INLINE} the threads that send call {@link #write} and {@link #outputNeeds} as well: one of these,
 * {@link #flush} and {@link #endOutput} at a time, but possibly while the loop is in {@link #handshake}, {@link #read}
 * or {@link #inputNeeds}. Never under a lock of this library. Do not block: the loop's other sessions wait meanwhile.
 *
 * <p>What a call throws ends the session with that cause.
 */
public interface SocketLayer extends Closeable {
    /** What a layer needs before it makes sense to call it again. */
    enum Need {
        /** Nothing: it did what it was asked for. */
        NOTHING,
        /** The socket has to have something to read. */
        READABLE,
        /** The socket has to have room. */
        WRITABLE
    }

    /**
     * Does what comes before the first message, as far as the socket allows. Until it returns {@link Need#NOTHING},
     * nothing else is called, and the session's {@code connectTimeout} runs.
     */
    Need handshake() throws IOException;

    /**
     * Reads once. The loop calls this again and again, without waiting for the socket, until it returns no bytes: so
     * what the layer has taken out of the socket in advance does not stay in it.
     *
     * @return how many bytes it put into the target; -1 if the peer ended its output; 0 if the layer needs something,
     *     see {@link #inputNeeds()}
     */
    int read(ByteBuffer target) throws IOException;

    /** What the last {@link #read} that returned 0 needs. */
    Need inputNeeds();

    /**
     * Takes bytes of the sources, in their order. What the layer holds of earlier ones goes out before. What it takes
     * counts as written, so it holds no more than a little of it.
     *
     * <p>If the socket fails after a part was taken, return how much that was, and throw from the next call.
     *
     * @param sources read-only for the layer; it may move their positions, but the result alone counts
     * @return how many bytes it took, into the socket or into memory of its own; from 0 to what there was
     */
    long write(ByteBuffer[] sources, int offset, int length) throws IOException;

    /** What the last {@link #write} or {@link #flush} needs: {@link Need#NOTHING} if the layer holds no output. */
    Need outputNeeds();

    /** Writes what the layer holds to the socket. Returns {@link Need#NOTHING} when it holds no output. */
    Need flush() throws IOException;

    /**
     * Tells the peer that this is the end of what it reads; TLS sends its {@code close_notify}. The loop ends the
     * socket's own output after that. What the peer sends then is read as before after {@link Session#shutdownOutput},
     * see {@link Factory#keepsInput()}; after a close it is dropped, below the layer.
     */
    Need endOutput() throws IOException;

    /**
     * Frees what the layer holds. Does not send anything: the session has closed the socket already. Called by any
     * thread, once or more often, possibly while another one is in a call.
     */
    @Override
    void close() throws IOException;

    /** Makes the layers of sessions. */
    @FunctionalInterface
    interface Factory {
        /**
         * Makes a layer over a connected, non-blocking socket. Called on the loop's thread, under no lock. What it
         * throws ends the session.
         *
         * @param socket the session closes it
         */
        SocketLayer layerOver(SocketChannel socket) throws IOException;

        /**
         * True if its layers {@link SocketLayer#read} on after {@link SocketLayer#endOutput}, and while that waits for
         * room, without a need to write any more: then {@link Session#shutdownOutput} ends the output alone. False by
         * default: then it throws. Called by any thread, under no lock.
         */
        default boolean keepsInput() {
            return false;
        }
    }
}
