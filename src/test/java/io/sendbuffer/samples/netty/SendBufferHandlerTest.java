/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored") // the test's channel has finished when a call returns
class SendBufferHandlerTest {
    private static final String TEXT = "0123456789";

    /** No two pieces of a test's memory have the same address modulo this. */
    private static final int LARGEST_ALIGNMENT = 1 << 30;

    private final SendBufferPool pool = Pools.create();
    private final SendBuffer message = pool.acquire(64).putAscii(TEXT).seal();
    private final SendBufferHandler handler = new SendBufferHandler();
    private final EmbeddedChannel channel = new EmbeddedChannel(handler);

    /** However the write ended, its reference was released: ours is the last one. */
    @AfterEach
    void shouldHaveReleasedEveryReferenceButOurs() {
        channel.finishAndReleaseAll();
        assertEquals(1, message.referenceCount());
        message.release();
    }

    @Test
    void shouldHandTheSameMemoryToTheChannel() {
        assertTrue(channel.writeOutbound(message));

        ByteBuf sent = channel.readOutbound();
        assertTrue(sent.isDirect(), "Netty would copy a buffer that is not direct");
        assertEquals(1, sent.nioBufferCount(), "Netty would gather several");
        ByteBuffer handedToTheSocket = sent.internalNioBuffer(sent.readerIndex(), sent.readableBytes());
        assertEquals(addressOf(message.asReadOnlyByteBuffer()), addressOf(handedToTheSocket));
        assertEquals(TEXT, sent.toString(StandardCharsets.US_ASCII));
        assertTrue(sent.release());
    }

    /** At least the low 30 bits. */
    private static int addressOf(ByteBuffer bytes) {
        return bytes.alignmentOffset(bytes.position(), LARGEST_ALIGNMENT);
    }

    @Test
    void shouldKeepTheMessageForAsLongAsAnyoneHoldsTheBytes() {
        ChannelFuture written = channel.writeOneOutbound(message);
        channel.flushOutbound();
        assertTrue(written.isSuccess());

        ByteBuf sent = channel.readOutbound(); // the embedded channel keeps what it was given
        ByteBuf kept = sent.retainedSlice(2, 3);
        sent.release();
        assertEquals(2, message.referenceCount());
        assertEquals("234", kept.toString(StandardCharsets.US_ASCII));
        assertTrue(kept.release());
        assertEquals(1, message.referenceCount());
    }

    @Test
    void shouldTakeNothingUntilItIsWritten() {
        channel.write(message);
        assertEquals(2, message.referenceCount(), "one is the write's");
        channel.flushOutbound();
        ReferenceCountUtil.release(channel.readOutbound());
        assertEquals(1, message.referenceCount());
    }

    @Test
    void shouldReleaseTheMessageBeforeThePromiseIsDone() {
        channel.pipeline().addFirst(new WritesNothing(null));
        List<Integer> references = new ArrayList<>();
        ChannelPromise promise = channel.newPromise();
        promise.addListener(done -> references.add(message.referenceCount()));
        channel.writeAndFlush(message, promise);
        assertEquals(List.of(1), references);
    }

    @Test
    void shouldReleaseTheMessageWhenNettyFailsTheWrite() {
        IOException broken = new IOException("broken pipe");
        channel.pipeline().addFirst(new WritesNothing(broken));
        assertSame(broken, channel.writeOneOutbound(message).cause());
        assertEquals(1, message.referenceCount());
    }

    @Test
    void shouldReleaseTheMessageOfAVoidPromise() {
        channel.pipeline().addFirst(new WritesNothing(null));
        channel.writeAndFlush(message, channel.voidPromise());
        assertEquals(1, message.referenceCount());
    }

    @Test
    void shouldReleaseTheMessageOfAVoidPromiseThatFails() {
        channel.pipeline().addFirst(new WritesNothing(new IOException("broken pipe")));
        channel.writeAndFlush(message, channel.voidPromise());
        assertEquals(1, message.referenceCount());
        assertThrows(IOException.class, channel::checkException);
    }

    @Test
    void shouldReleaseWhatWaitsWhenTheChannelIsClosed() {
        ChannelFuture first = channel.write(message);
        ChannelFuture second = channel.write(message);
        assertEquals(3, message.referenceCount());
        channel.close();
        assertInstanceOf(ClosedChannelException.class, first.cause());
        assertInstanceOf(ClosedChannelException.class, second.cause());
        assertEquals(1, message.referenceCount());
    }

    @Test
    void shouldTakeNothingFromAWriteAfterTheClose() {
        channel.close();
        channel.runPendingTasks(); // takes the pipeline apart, this handler included
        assertNull(channel.pipeline().get(SendBufferHandler.class));
        assertInstanceOf(
                ClosedChannelException.class, channel.writeAndFlush(message).cause());
        assertEquals(1, message.referenceCount());
    }

    @Test
    void shouldReleaseAByteBufThatIsWrittenAfterTheClose() {
        channel.close();
        ChannelFuture written = channel.writeAndFlush(SendBufferByteBuf.of(message));
        assertInstanceOf(ClosedChannelException.class, written.cause());
        assertEquals(1, message.referenceCount());
    }

    @Test
    void shouldReleaseWhatWaitsWhenTheHandlerIsRemoved() {
        channel.write(message);
        channel.pipeline().remove(handler);
        channel.flushOutbound();
        ReferenceCountUtil.release(channel.readOutbound());
        assertEquals(1, message.referenceCount());
    }

    @Test
    void shouldReleaseTheMessageOfACanceledWrite() {
        ChannelFuture written = channel.write(message);
        assertTrue(written.cancel(false));
        assertEquals(2, message.referenceCount(), "the channel still holds the bytes");
        channel.flushOutbound();
        assertEquals(1, message.referenceCount());
    }

    @Test
    void shouldFailTheWriteOfABufferThatIsNotSealed() {
        try (SendBuffer open = pool.acquire(64)) {
            assertInstanceOf(
                    IllegalStateException.class, channel.writeOneOutbound(open).cause());
            assertEquals(1, open.referenceCount());
        }
    }

    @Test
    void shouldRefuseToWriteIntoAMessage() {
        ByteBuf bytes = SendBufferByteBuf.of(message);
        assertTrue(bytes.isReadOnly());
        assertThrows(ReadOnlyBufferException.class, () -> bytes.setByte(0, 'x'));
        assertTrue(bytes.nioBuffer().isReadOnly());
        assertTrue(bytes.release());
    }

    @Test
    void shouldWriteAnEmptyMessage() {
        try (SendBuffer empty = pool.acquire(64).seal()) {
            channel.writeOutbound(empty);
            ByteBuf sent = channel.readOutbound();
            assertFalse(sent.isReadable());
            assertTrue(sent.release());
            assertEquals(1, empty.referenceCount());
        }
    }

    @Test
    void shouldPassOnWhateverElseIsWritten() {
        channel.writeOutbound(TEXT);
        assertSame(TEXT, channel.readOutbound());
    }

    /** A socket that takes everything at once, or fails. */
    private static final class WritesNothing extends ChannelOutboundHandlerAdapter {
        private final @Nullable Throwable failure;

        WritesNothing(@Nullable Throwable failure) {
            this.failure = failure;
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
            if (failure == null) {
                promise.trySuccess();
            } else {
                promise.setFailure(failure);
            }
        }
    }
}
