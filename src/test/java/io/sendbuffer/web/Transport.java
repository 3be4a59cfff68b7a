/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.samples.tls.TlsLayer;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.SessionListener;
import io.sendbuffer.session.tls.TlsIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import javax.net.ssl.SSLSocket;

/** What carries the bytes of a client of the web. */
enum Transport {
    PLAIN,
    TLS;

    void listen(SendLoop loop, ServerSocketChannel socket, SessionListener.Factory<Channel> listeners)
            throws IOException {
        if (this == TLS) {
            loop.listen(socket, TlsLayer.server(TlsIdentity.shared().serverContext()), listeners);
        } else {
            loop.listen(socket, listeners);
        }
    }

    /** A client that has shaken hands, if the transport has it do so. */
    RawWebClient connect(int port) throws IOException {
        if (this == PLAIN) {
            return new RawWebClient(port);
        }
        SSLSocket socket = (SSLSocket) TlsIdentity.shared()
                .clientContext()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port);
        socket.startHandshake();
        return new RawWebClient(socket);
    }

    /** A WebSocket whose handshake is done. */
    RawWebClient open(int port, String path, String fields) throws IOException {
        return connect(port).shakeHands(path, fields);
    }

    /** The JDK's client, which trusts the server. */
    HttpClient http() throws IOException {
        HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
        return this == TLS
                ? builder.sslContext(TlsIdentity.shared().clientContext()).build()
                : builder.build();
    }

    /** The scheme of an address, {@code ws} or {@code http} without TLS. */
    String scheme(String plain) {
        return this == TLS ? plain + "s" : plain;
    }
}
