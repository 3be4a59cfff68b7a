/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.small;

import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SendWriter;
import io.sendbuffer.frame.FrameFormat;
import io.sendbuffer.frame.FrameReader;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Publishes and subscribes, for Redis clients: PING, SUBSCRIBE, UNSUBSCRIBE and PUBLISH. All runs on one loop. */
public final class RedisLike implements AutoCloseable {
    private final SendBufferPool pool = SendBufferPool.builder().build();
    private final SendBufferPool framePool =
            SendBufferPool.builder().chunkSize(1 << 10).maxMemory(64 << 20).build();
    private final SendWriter writer = pool.writer(1 << 18);
    private final Map<String, SessionGroup> channels = new HashMap<>();
    private final LoopRunner runner;
    final int port;

    /** Starts the server; 0 is a port that is free. */
    public RedisLike(int port) throws IOException {
        ServerSocketChannel socket =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_024);
        this.port = socket.socket().getLocalPort();
        SendLoop loop = SendLoop.builder()
                .queueLimits(QueueLimits.ofBytes(8 << 20))
                .overrunPolicy(OverrunPolicy.end()) // a subscriber that is farther behind is disconnected
                .build();
        loop.listen(socket, connection -> new Client());
        runner = loop.start();
    }

    /** A command is an array of words, *2, each with its length in front, $4. A character of a word is a byte. */
    private final class Client implements SessionListener {
        private final FrameReader frames = FrameFormat.lines().reader(framePool, this::onFrame);
        private final List<List<String>> commands = new ArrayList<>();
        private final List<String> words = new ArrayList<>();
        private final Set<String> subscribed = new LinkedHashSet<>();
        private int missing; // words of the command that comes
        private boolean isWord; // what comes next, and no line

        @Override
        public void onReceived(Session session, ByteBuffer input) {
            frames.read(input);
            writer.clear(); // of a reply that found no memory
            commands.forEach(command -> execute(session, command));
            commands.clear();
        }

        private void onFrame(ByteBuffer frame) {
            String text = StandardCharsets.ISO_8859_1.decode(frame).toString();
            boolean isArray = missing == 0;
            if (isWord) {
                words.add(text.substring(0, text.length() - 2)); // without its CR LF
                missing--;
            } else if (!text.matches(isArray ? "[*][0-9]{1,2}" : "[$][0-9]{1,5}")) {
                throw new IllegalArgumentException("no command, or too long: " + text); // ends the session
            } else if (isArray) {
                missing = Integer.parseInt(text.substring(1));
            } else {
                frames.expect(Integer.parseInt(text.substring(1)) + 2);
            }
            isWord = !isWord && !isArray;
            if (missing == 0 && !words.isEmpty()) {
                commands.add(List.copyOf(words));
                words.clear();
            }
        }

        private void execute(Session session, List<String> command) {
            String name = command.get(0).toUpperCase(Locale.ROOT);
            List<String> rest = command.subList(1, command.size());
            if (name.equals("PING")) {
                String text = String.join(" ", rest);
                String pong = rest.isEmpty() ? "+PONG" : "$" + text.length() + "\r\n" + text;
                reply(session, subscribed.isEmpty() ? raw(pong) : array("pong", text));
            } else if (name.equals("SUBSCRIBE") && !rest.isEmpty()) {
                for (String channel : rest) {
                    subscribed.add(channel);
                    reply(session, array("subscribe", channel, subscribed.size())); // before any message
                    channels.computeIfAbsent(channel, key -> new SessionGroup()).add(session);
                }
            } else if (name.equals("UNSUBSCRIBE") && rest.isEmpty() && subscribed.isEmpty()) {
                reply(session, raw("*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0"));
            } else if (name.equals("UNSUBSCRIBE")) {
                for (String channel : List.copyOf(rest.isEmpty() ? subscribed : rest)) {
                    subscribed.remove(channel);
                    leave(session, channel);
                    reply(session, array("unsubscribe", channel, subscribed.size()));
                }
            } else if (name.equals("PUBLISH") && rest.size() == 2) {
                SessionGroup group = channels.get(rest.get(0));
                try (SendBuffer message = array("message", rest.get(0), rest.get(1))) { // written once, for all of them
                    reply(session, raw(":" + (group == null ? 0 : group.broadcast(message))));
                }
            } else {
                reply(session, raw("-ERR unknown command, or a wrong number of arguments"));
            }
        }

        @Override
        public void onClosed(Session session, @Nullable Throwable cause) {
            frames.close();
            subscribed.forEach(channel -> leave(session, channel));
            SessionListener.super.onClosed(session, cause); // reports what is no I/O error
        }
    }

    private void leave(Session session, String channel) {
        channels.computeIfPresent(channel, (key, group) -> {
            group.remove(session);
            return group.size() == 0 ? null : group;
        });
    }

    private static void reply(Session session, SendBuffer reply) {
        try (reply) {
            session.send(reply); // if the queue has no room, the policy ends the session
        }
    }

    private SendBuffer raw(String text) {
        return writer.putBytes((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1))
                .seal();
    }

    /** Of strings and numbers. */
    private SendBuffer array(Object... items) {
        writer.putByte('*').putIntAscii(items.length).putAscii("\r\n");
        for (Object item : items) {
            byte[] bytes = item.toString().getBytes(StandardCharsets.ISO_8859_1);
            writer.putAscii(item instanceof String ? "$" + bytes.length + "\r\n" : ":");
            writer.putBytes(bytes).putAscii("\r\n");
        }
        return writer.seal();
    }

    @Override
    public void close() {
        runner.close();
        framePool.close();
        pool.close();
    }

    /** Runs until Ctrl-C: {@code RedisLike [port]}. */
    public static void main(String[] args) throws IOException, InterruptedException {
        RedisLike server = new RedisLike(args.length > 0 ? Integer.parseInt(args[0]) : 6379);
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "close"));
        System.out.println("ready on port " + server.port);
        server.runner.thread().join();
    }
}
