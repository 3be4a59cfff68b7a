package io.sendbuffer.session;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;

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

    /** The queue batches, so the kernel need not wait for more. */
    static void sendAtOnce(NetworkChannel channel) throws IOException {
        if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
    }

    /** Closes a socket that nobody is to hear of. */
    static void closeAndReport(Channel channel, SessionSettings settings) {
        try {
            channel.close();
        } catch (IOException e) {
            settings.report(e);
        }
    }
}
