/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.SoakMemory;
import io.sendbuffer.internal.VirtualThreads;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.Selector;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** What tests of other packages need of this one, and users do not. */
public final class SessionInternals {
    private SessionInternals() {}

    /** Returns a loop over a given selector: the one place that knows how to make such a loop. */
    public static SendLoop loopOver(
            SendLoop.Builder settings, String roleName, Selector selector, int receiveBufferSize) {
        return new SendLoop(settings, roleName, selector, ByteBuffer.allocateDirect(receiveBufferSize));
    }

    /** Returns the group of these loops. */
    public static SendLoopGroup groupOf(List<SendLoop> loops) {
        return new SendLoopGroup(loops);
    }

    public static boolean isEnded(SendLoop loop) {
        return loop.isEnded();
    }

    /** Returns what a loop died of; null if it ended in order. */
    public static @Nullable Throwable causeOfEnd(SendLoop loop) {
        return loop.causeOfEnd();
    }

    public static Channel channelOf(Session session) {
        return session.channel();
    }

    /** Returns how many bytes of a session's own messages its channel took, as its queue counts them. */
    public static long bytesWritten(Session session) {
        return SoakMemory.bytesOfOwnMessages(session.queue);
    }

    /** True if a write of its queue is in progress. */
    public static boolean isWriting(Session session) {
        return session.isWriting();
    }

    /** Returns the listener of the session that is attached to a selection key; null if the key is of no session. */
    public static @Nullable SessionListener listenerOf(@Nullable Object attachment) {
        return attachment instanceof LoopSession session ? session.listener() : null;
    }

    /** Returns the library's own factory of virtual threads, or that of daemon threads of a given name. */
    public static ThreadFactory threads(boolean virtual, String name) {
        return virtual ? VirtualThreads.newFactory() : DaemonThreads.named(name);
    }
}
