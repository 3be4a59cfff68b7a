/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What internet and Unix-domain sockets differ in. */
final class Sockets {
    private Sockets() {}

    /**
     * Opens a socket that can be connected to an address.
     *
     * @throws IllegalArgumentException if the address is unresolved
     */
    static SocketChannel openFor(SocketAddress address) throws IOException {
        requireResolved(address);
        return address instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
    }

    static void requireResolved(SocketAddress address) {
        if (address instanceof InetSocketAddress internet && internet.isUnresolved()) {
            throw new IllegalArgumentException("the address " + address + " is unresolved; check the name of the host");
        }
    }

    static void requireConnected(boolean isConnected) {
        if (!isConnected) {
            throw new IllegalArgumentException("the channel is not connected; finish connecting before adding it");
        }
    }

    static void requireBound(NetworkChannel server) throws IOException {
        if (server.getLocalAddress() == null) {
            throw new IllegalArgumentException("the server socket is not bound; bind it before listening");
        }
    }

    /**
     * Sets what each socket of a session has: no delay, since the queue batches already, and a bounded send buffer, so
     * that a backlog is in the queue, where limits and timeouts see it.
     */
    static void configure(NetworkChannel channel, SessionSettings settings) throws IOException {
        if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        int sendBuffer = settings.sendBufferSize();
        if (sendBuffer > 0 && channel.supportedOptions().contains(StandardSocketOptions.SO_SNDBUF)) {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, sendBuffer);
        }
    }

    /**
     * True if a connect to a Unix-domain socket failed because too many connections wait to be accepted: Linux does not
     * queue such a connect but fails it, and the caller is to try again.
     */
    static boolean isBacklogFull(SocketAddress address, IOException failure) {
        return isBacklogFull(address, failure, Locale.getDefault());
    }

    static boolean isBacklogFull(SocketAddress address, IOException failure, Locale locale) {
        return address instanceof UnixDomainSocketAddress unix
                && !(failure instanceof ConnectException || failure instanceof BindException)
                && mayBeTryAgain(failure.getMessage(), locale)
                && Files.exists(unix.getPath())
                && Files.isWritable(unix.getPath());
    }

    /** The JDK has the system's number for it only in the system's words, which are those of the user's language. */
    private static boolean mayBeTryAgain(@Nullable String words, Locale locale) {
        boolean isEnglish = locale.getLanguage().equals(Locale.ENGLISH.getLanguage());
        return words != null
                && (words.contains("temporarily unavailable") || (!isEnglish && !words.contains("wrong type")));
    }

    /** Closes a socket that has no listener; what that throws is reported. */
    static void closeAndReport(Channel channel, SessionSettings settings) {
        try {
            channel.close();
        } catch (Throwable e) {
            settings.report(e);
        }
    }
}
