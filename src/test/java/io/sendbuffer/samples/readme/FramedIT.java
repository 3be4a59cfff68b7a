/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FramedIT {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @Test
    void shouldSendAllFramesToAllAndEndAClientThatSendsATooLongOne() throws IOException {
        SendBufferPool pool = Pools.create();
        Framed framed = new Framed(pool);
        Pools.track(framed.framePool);
        SendLoop loop = SendLoop.builder().build();
        try (ServerSocketChannel socket = ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0))) {
            loop.listen(socket, connection -> framed.new Client());
            int port = socket.socket().getLocalPort();
            try (LoopRunner runner = loop.start();
                    Socket client = new Socket(LOOPBACK, port)) {
                DataOutputStream out = new DataOutputStream(client.getOutputStream());
                DataInputStream in = new DataInputStream(client.getInputStream());
                for (int length : new int[] {0, 1, 1_000, 300_000, 7}) {
                    byte[] content = new byte[length];
                    Arrays.fill(content, (byte) length);
                    out.writeInt(length);
                    out.write(content);
                    out.flush();
                    assertEquals(length, in.readInt());
                    assertArrayEquals(content, in.readNBytes(length));
                }
                out.writeInt(1 << 30);
                assertEquals(-1, in.read(), "it was not ended");
                assertEquals(0, framed.framePool.stats().outstandingBuffers());
                assertEquals(true, runner.thread().isAlive());
            }
        }
    }
}
