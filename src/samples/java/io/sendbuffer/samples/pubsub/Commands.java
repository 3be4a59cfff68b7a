/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SlowConsumerException;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Executes what clients send. On the loop's thread. */
final class Commands {
    private static final String LIMIT = "client-output-buffer-limit";
    private static final Set<String> ALLOWED_WHILE_SUBSCRIBED =
            Set.of("subscribe", "psubscribe", "unsubscribe", "punsubscribe", "ping", "quit");

    private final Reply reply;
    private final Channels channels;
    private final PrintStream console;

    /** For a change of the limits. */
    private final SessionGroup everyone = new SessionGroup();

    private OutputLimit normalLimit = OutputLimit.NORMAL;
    private OutputLimit pubsubLimit = OutputLimit.PUBSUB;

    Commands(SendBufferPool pool, PrintStream console) {
        this.reply = new Reply(pool);
        this.channels = new Channels(reply);
        this.console = console;
    }

    Reply reply() {
        return reply;
    }

    // ---- clients

    void entered(Session session, Client client) {
        everyone.add(session);
        applyLimit(session, client);
    }

    void left(Session session, Client client, @Nullable Throwable cause) {
        client.channels.forEach(name -> channels.forgetIfEmpty(name, false));
        client.patterns.forEach(name -> channels.forgetIfEmpty(name, true));
        if (cause instanceof SlowConsumerException) {
            console.println(session.remoteAddress() + ": " + cause.getMessage());
        }
    }

    private void applyLimit(Session session, Client client) {
        OutputLimit limit = client.subscriptions() > 0 ? pubsubLimit : normalLimit;
        session.queueLimits(limit.toQueueLimits());
    }

    // ---- commands

    void execute(Session session, Client client, List<byte[]> command) {
        String name = textOf(command.get(0)).toLowerCase(Locale.ROOT);
        if (client.subscriptions() > 0 && !ALLOWED_WHILE_SUBSCRIBED.contains(name)) {
            client.say("-ERR Can't execute '" + name
                    + "': only (P)SUBSCRIBE / (P)UNSUBSCRIBE / PING / QUIT are allowed in" + " this context");
            return;
        }
        switch (name) {
            case "ping" -> ping(session, client, command);
            case "subscribe", "psubscribe" -> subscribe(session, client, command, name);
            case "unsubscribe", "punsubscribe" -> unsubscribe(session, client, command, name);
            case "publish" -> publish(client, command);
            case "config" -> config(session, client, command);
            case "client" -> client.say("+OK"); // its name and its library
            case "command" -> client.say("*0");
            case "quit" -> {
                client.say("+OK");
                client.leave(session);
            }
            default -> client.say("-ERR unknown command '" + name + "'");
        }
    }

    private static void sayWrongNumber(Client client, String name) {
        client.say("-ERR wrong number of arguments for '" + name + "' command");
    }

    private void ping(Session session, Client client, List<byte[]> command) {
        byte[] text = command.size() > 1 ? command.get(1) : new byte[0];
        if (client.subscriptions() > 0) {
            client.send(session, reply.bulks("pong".getBytes(StandardCharsets.US_ASCII), text));
        } else if (command.size() > 1) {
            client.send(session, reply.bulk(text));
        } else {
            client.say("+PONG");
        }
    }

    private void subscribe(Session session, Client client, List<byte[]> command, String name) {
        if (command.size() < 2) {
            sayWrongNumber(client, name);
            return;
        }
        boolean byPattern = name.charAt(0) == 'p';
        Set<String> names = byPattern ? client.patterns : client.channels;
        for (byte[] channel : command.subList(1, command.size())) {
            boolean isFirst = client.subscriptions() == 0;
            boolean isNew = names.add(textOf(channel));
            if (isFirst) {
                applyLimit(session, client);
            }
            client.send(session, reply.confirmation(name, channel, client.subscriptions()));
            if (isNew) {
                channels.join(session, textOf(channel), byPattern); // after the confirmation: no message comes before
            }
        }
    }

    private void unsubscribe(Session session, Client client, List<byte[]> command, String name) {
        boolean byPattern = name.charAt(0) == 'p';
        Set<String> names = byPattern ? client.patterns : client.channels;
        List<String> left = new ArrayList<>();
        command.subList(1, command.size()).forEach(each -> left.add(textOf(each)));
        if (left.isEmpty()) {
            left.addAll(names);
        }
        for (String each : left) {
            if (names.remove(each)) {
                channels.leave(session, each, byPattern);
            }
            client.send(
                    session,
                    reply.confirmation(name, each.getBytes(StandardCharsets.ISO_8859_1), client.subscriptions()));
        }
        if (left.isEmpty()) {
            client.send(session, reply.confirmation(name, null, client.subscriptions()));
        }
        applyLimit(session, client);
    }

    private void publish(Client client, List<byte[]> command) {
        if (command.size() != 3) {
            sayWrongNumber(client, "publish");
            return;
        }
        int receivers = channels.publish(command.get(1), command.get(2));
        client.say(receivers < 0 ? "-OOM no memory for the message" : ":" + receivers);
    }

    // ---- the configuration

    private void config(Session session, Client client, List<byte[]> command) {
        List<String> words = command.stream().map(Commands::textOf).toList();
        String what = words.size() > 1 ? words.get(1).toLowerCase(Locale.ROOT) : "";
        if (what.equals("get") && words.size() == 3) {
            getConfig(session, client, words.get(2));
        } else if (what.equals("set") && words.size() == 4 && words.get(2).equalsIgnoreCase(LIMIT)) {
            setLimits(client, Arrays.asList(words.get(3).strip().split(" +", -1)));
        } else {
            client.say("-ERR there is CONFIG GET, and CONFIG SET " + LIMIT);
        }
    }

    private void getConfig(Session session, Client client, String pattern) {
        List<byte[]> answer = new ArrayList<>();
        addIfAsked(answer, pattern, LIMIT, "normal " + normalLimit + " pubsub " + pubsubLimit);
        addIfAsked(answer, pattern, "save", ""); // benchmarks ask for these two
        addIfAsked(answer, pattern, "appendonly", "no");
        client.send(session, reply.bulks(answer.toArray(new byte[0][])));
    }

    private static void addIfAsked(List<byte[]> answer, String pattern, String name, String value) {
        if (Glob.matches(pattern, name)) {
            answer.add(name.getBytes(StandardCharsets.US_ASCII));
            answer.add(value.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private void setLimits(Client client, List<String> words) {
        OutputLimit normal = normalLimit;
        OutputLimit pubsub = pubsubLimit;
        boolean isRight = words.size() % 4 == 0;
        for (int i = 0; isRight && i < words.size(); i += 4) {
            OutputLimit limit = OutputLimit.parse(words.subList(i + 1, i + 4));
            switch (words.get(i).toLowerCase(Locale.ROOT)) {
                case "normal" -> normal = limit == null ? normal : limit;
                case "pubsub" -> pubsub = limit == null ? pubsub : limit;
                case "replica", "slave" -> {} // there are none
                default -> isRight = false;
            }
            isRight &= limit != null;
        }
        if (!isRight) {
            client.say("-ERR wrong limits: class, hard, soft and seconds, as in \"pubsub 32mb 8mb 60\"");
            return;
        }
        normalLimit = normal;
        pubsubLimit = pubsub;
        everyone.forEach(each -> applyLimit(each, (Client) each.listener()));
        client.say("+OK");
    }

    private static String textOf(byte[] word) {
        return new String(word, StandardCharsets.ISO_8859_1);
    }
}
