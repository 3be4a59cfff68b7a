/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.FlushResult;
import io.sendbuffer.session.SocketLayer.Need;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A session whose socket has a {@link SocketLayer} over it. What differs from a plain one:
 *
 * <ul>
 *   <li>It is connected when the handshake is over; until then it is blocked, as a session that connects is.
 *   <li>What the layer needs decides what the selector waits for.
 *   <li>It is blocked while the layer holds output, though its queue may be empty.
 *   <li>It reads until the layer has nothing more, as the selector knows only of what is in the socket.
 *   <li>Its output is over when the layer has ended its own.
 * </ul>
 */
final class LayeredSession extends LoopSession {
    /** A TLS record may be a few bytes long; after this many reads the rest waits for its turn. */
    private static final int READS_PER_TURN = 8;

    private final SocketLayer.Factory layers;
    private final LayeredOutput output;

    // Owned by the loop.
    private boolean handshakeOver;
    private Need handshakeNeeds = Need.READABLE;
    private Need inputNeeds = Need.READABLE;
    private Need goodbyeNeeds = Need.NOTHING;
    private boolean inputEnded;

    LayeredSession(
            SendLoop loop,
            SessionSettings settings,
            SocketChannel channel,
            SessionListener listener,
            WriteMode mode,
            @Nullable SocketAddress connectTo,
            SocketLayer.Factory layers) {
        super(loop, settings, channel, listener, mode, connectTo);
        this.layers = Objects.requireNonNull(layers, "layers");
        this.output = new LayeredOutput(this);
        blocked = true;
        if (connectTo == null) {
            watch.connectWithin(settings.connectTimeout());
        }
    }

    // ---- any thread

    @Override
    Channel channel() {
        return output;
    }

    @Override
    GatheringByteChannel output() {
        return output;
    }

    @Override
    public @Nullable SocketLayer layer() {
        return output.layerVolatile();
    }

    @Override
    boolean saysGoodbye() {
        return true;
    }

    /** A layer need not read any more once it has ended its output. */
    @Override
    boolean hasHalves() {
        return layers.keepsInput();
    }

    /** A sender leaves to the loop what the layer holds, and what the loop has met while the sender wrote. */
    @Override
    FlushResult flushInline(@Nullable FlushPace pace) {
        return blockedIfHeld(super.flushInline(pace));
    }

    /** Blocked, too, if the layer holds output, or if the session was blocked meanwhile by a thread that was late. */
    private FlushResult blockedIfHeld(FlushResult result) {
        boolean wroteAll = result == FlushResult.DRAINED || result == FlushResult.MORE;
        return wroteAll && (blocked || output.needsVolatile() != Need.NOTHING) ? FlushResult.BLOCKED : result;
    }

    // ---- the loop's thread: the handshake

    @Override
    boolean isConnected() {
        return handshakeOver;
    }

    @Override
    void established() throws IOException {
        rememberPeer();
        shakeHands();
    }

    private void shakeHands() throws IOException {
        Need need = ownLayer().handshake();
        handshakeNeeds = need;
        if (need == Need.NOTHING) {
            handshakeOver = true;
            opened();
            loop.readAgain(this); // the layer may have taken more out of the socket than the handshake
        }
        updateInterest();
    }

    private SocketLayer ownLayer() throws IOException {
        SocketLayer made = output.layerVolatile();
        if (made == null) {
            made = Objects.requireNonNull(layers.layerOver(channel), "the factory of layers made none");
            output.setLayerVolatile(made);
            if (!isOpen()) {
                made.close(); // the thread that ended the session meanwhile may not have seen it
            }
        }
        return made;
    }

    // ---- writing

    @Override
    void flushOnLoop() throws IOException {
        if (!handshakeOver) {
            shakeHands();
        }
        if (!handshakeOver || !isOpen()) {
            return;
        }
        if (inputNeeds == Need.WRITABLE) {
            inputNeeds = Need.READABLE;
            loop.readAgain(this);
        }
        super.flushOnLoop();
        updateInterest();
    }

    @Override
    FlushResult drain(long maxBytes) throws IOException {
        if (output.needsVolatile() != Need.NOTHING && output.flush() != Need.NOTHING) {
            return FlushResult.BLOCKED;
        }
        return blockedIfHeld(super.drain(maxBytes));
    }

    @Override
    void writtenToTheEnd(SelectionKey registered) throws IOException {
        if (queue.failure() == null && !isGoodbyeSaid()) {
            return;
        }
        super.writtenToTheEnd(registered);
        if (isOpen() && isInputKept()) {
            loop.readAgain(this); // the layer may hold input
        }
    }

    /** The rest of the last message goes out, and then the end of the layer's own output. */
    private boolean isGoodbyeSaid() throws IOException {
        Need need = output.needsVolatile() == Need.NOTHING ? Need.NOTHING : output.flush();
        Throwable failed = output.failureVolatile();
        if (failed != null) {
            end(failed);
            return false;
        }
        if (need == Need.NOTHING) {
            try {
                need = output.endOutput();
            } catch (IOException e) {
                end(causeOfOutput()); // the peer is gone, and has all that it will ever get
                return false;
            }
        }
        goodbyeNeeds = need;
        if (need != Need.NOTHING) {
            blocked = true;
            watchUnlessWatched();
        }
        return need == Need.NOTHING;
    }

    // ---- reading

    @Override
    int receive(SelectionKey ready, ByteBuffer receiveBuffer) throws IOException {
        if (!handshakeOver) {
            shakeHands();
            if (handshakeOver) {
                flushInTurn(); // what was queued meanwhile
            }
            return 0;
        }
        if (blocked && !isOutputOver() && outputNeeds() == Need.READABLE) {
            flushOnLoop();
        }
        int total = 0;
        int reads = 0;
        int count;
        do {
            count = mayReadNow(ready) ? super.receive(ready, receiveBuffer) : 0;
            total += Math.max(0, count);
            reads++;
        } while (count > 0 && reads < READS_PER_TURN);
        if (count > 0 && isOpen()) {
            loop.readAgain(this); // the selector may not know of what is left
        }
        updateInterest();
        return total;
    }

    private boolean mayReadNow(SelectionKey ready) {
        return isOpen()
                && !inputEnded
                && !isSayingGoodbye()
                && (ready.interestOps() & SelectionKey.OP_READ) != 0
                && super.readsNow(ready);
    }

    /** The layer has begun to end its output, for a close, and reads nothing more but what it needs for that. */
    private boolean isSayingGoodbye() {
        return goodbyeNeeds != Need.NOTHING && !isOutputOver() && !isInputKept() && queue.failure() == null;
    }

    /** A handshake and a write read what they need, though the session's reading is paused. */
    @Override
    boolean readsNow(SelectionKey ready) {
        boolean layerReads = !handshakeOver || (blocked && !isOutputOver() && outputNeeds() == Need.READABLE);
        return layerReads || super.readsNow(ready);
    }

    /** What the layer holds is no matter of the selector. */
    @Override
    void readAgain() {
        super.readAgain();
        loop.readAgain(this);
    }

    @Override
    int read(ByteBuffer target) throws IOException {
        // After a close it is dropped, and the layer may read no more.
        boolean isRest = isOutputOver() && !isInputKept() && queue.failure() == null;
        int count = isRest ? channel.read(target) : readFromLayer(target);
        if (count < 0) {
            inputEnded = true;
        }
        return count;
    }

    private int readFromLayer(ByteBuffer target) throws IOException {
        SocketLayer layer = ownLayer();
        int from = target.position();
        int count = layer.read(target);
        if (count > 0 && target.position() - from != count) {
            throw new IOException(
                    "the layer says that it read " + count + " bytes, but put " + (target.position() - from));
        }
        if (count == 0) {
            inputNeeds = layer.inputNeeds();
        }
        return count;
    }

    // ---- what the selector waits for

    private Need outputNeeds() {
        return goodbyeNeeds == Need.NOTHING ? output.needsVolatile() : goodbyeNeeds;
    }

    private void updateInterest() {
        SelectionKey registered = key;
        if (registered != null && isOpen()) {
            registered.interestOps(handshakeOver ? interest() : opOf(handshakeNeeds));
        }
    }

    private int interest() {
        boolean outputOver = isOutputOver();
        boolean readWaitsForRoom = inputNeeds == Need.WRITABLE && !outputOver && !inputEnded;
        boolean readsNot = inputEnded || readWaitsForRoom || readsNothing || isSayingGoodbye();
        int ops = readsNot ? 0 : SelectionKey.OP_READ;
        if (readWaitsForRoom) {
            ops |= SelectionKey.OP_WRITE;
        }
        return blocked && !outputOver ? ops | opOf(outputNeeds()) : ops;
    }

    /** One that needs nothing, and is blocked all the same, goes on when there is room. */
    private static int opOf(Need need) {
        return need == Need.READABLE ? SelectionKey.OP_READ : SelectionKey.OP_WRITE;
    }
}
