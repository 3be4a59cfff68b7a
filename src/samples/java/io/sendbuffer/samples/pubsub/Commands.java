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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Executes what clients send. On the loop's thread. */
final class Commands {
    private static final Set<String> ALLOWED_WHILE_SUBSCRIBED =
            Set.of("subscribe", "psubscribe", "unsubscribe", "punsubscribe", "ping", "reset");

    /** How many words a command has, its name included; if negative, at least that many without the sign. */
    private static final Map<String, Integer> WORDS = Map.ofEntries(
            Map.entry("ping", -1),
            Map.entry("subscribe", -2),
            Map.entry("psubscribe", -2),
            Map.entry("unsubscribe", -1),
            Map.entry("punsubscribe", -1),
            Map.entry("publish", 3),
            Map.entry("config", -2),
            Map.entry("config|get", -3),
            Map.entry("config|set", -4),
            Map.entry("client", -2),
            Map.entry("command", -1),
            Map.entry("reset", 1));

    private final Reply reply;
    private final Channels channels;
    private final PrintStream console;
    private final Configuration configuration = new Configuration();

    /** For a change of the limits. */
    private final SessionGroup everyone = new SessionGroup();

    Commands(SendBufferPool pool, PrintStream console) {
        this.reply = new Reply(pool);
        this.channels = new Channels(reply, console);
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
        OutputLimit limit = configuration.limits().of(client.subscriptions() > 0);
        session.queueLimits(limit.toQueueLimits());
    }

    // ---- commands

    void execute(Session session, Client client, List<byte[]> command) {
        String name = textOf(command.get(0)).toLowerCase(Locale.ROOT);
        if (name.equals("publish") && command.size() == 3 && client.subscriptions() == 0) {
            publish(client, command);
            return;
        }
        channels.flush(); // before this client, or another one, gets something else
        switch (name) {
            case "quit" -> {
                client.say("+OK");
                client.leave(session);
            }
            case "post", "host:" ->
                client.drop(session); // a browser that was lured here, with commands in what it posts
            default -> executeKnown(session, client, command, name);
        }
    }

    /** All that came together is executed. */
    void ended() {
        channels.flush();
    }

    private void executeKnown(Session session, Client client, List<byte[]> command, String name) {
        if (!hasRightWords(client, command, name)) {
            return;
        }
        String whole =
                name.equals("config") ? name + "|" + textOf(command.get(1)).toLowerCase(Locale.ROOT) : name;
        if (!whole.equals(name) && !hasRightWords(client, command, whole)) {
            return;
        }
        if (client.subscriptions() > 0 && !ALLOWED_WHILE_SUBSCRIBED.contains(whole)) {
            client.say("-ERR Can't execute '" + whole
                    + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context");
            return;
        }
        switch (whole) {
            case "ping" -> ping(session, client, command);
            case "subscribe", "psubscribe" -> subscribe(session, client, command, name);
            case "unsubscribe", "punsubscribe" -> unsubscribe(session, client, command, name);
            case "config|get" -> getConfig(session, client, textsOf(command.subList(2, command.size())));
            case "config|set" -> setConfig(client, textsOf(command.subList(2, command.size())));
            case "client" -> client.say("+OK"); // its name and its library
            case "command" -> client.say("*0");
            case "reset" -> reset(session, client);
            default -> throw new AssertionError(whole);
        }
    }

    private static boolean hasRightWords(Client client, List<byte[]> command, String name) {
        Integer words = WORDS.get(name);
        if (words == null) {
            client.say(name.startsWith("config|") ? Errors.unknownSubcommand(command) : Errors.unknown(command));
            return false;
        }
        boolean isRight = words < 0 ? command.size() >= -words : command.size() == words;
        if (!isRight) {
            client.say(Errors.wrongNumber(name));
        }
        return isRight;
    }

    private void ping(Session session, Client client, List<byte[]> command) {
        byte[] text = command.size() > 1 ? command.get(1) : new byte[0];
        if (command.size() > 2) {
            client.say(Errors.wrongNumber("ping"));
        } else if (client.subscriptions() > 0) {
            client.send(session, reply.bulks("pong".getBytes(StandardCharsets.US_ASCII), text));
        } else if (command.size() > 1) {
            client.send(session, reply.bulk(text));
        } else {
            client.say("+PONG");
        }
    }

    private void subscribe(Session session, Client client, List<byte[]> command, String name) {
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
        List<String> left = textsOf(command.subList(1, command.size()));
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

    private void reset(Session session, Client client) {
        client.channels.forEach(name -> channels.leave(session, name, false));
        client.patterns.forEach(name -> channels.leave(session, name, true));
        client.channels.clear();
        client.patterns.clear();
        applyLimit(session, client);
        client.say("+RESET");
    }

    private void publish(Client client, List<byte[]> command) {
        int receivers = channels.publish(command.get(1), command.get(2));
        client.say(receivers < 0 ? "-OOM no memory for the message" : ":" + receivers);
    }

    // ---- the configuration

    private void getConfig(Session session, Client client, List<String> asked) {
        byte[][] answer = configuration.get(asked).stream()
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                .toArray(byte[][]::new);
        client.send(session, reply.bulks(answer));
    }

    private void setConfig(Client client, List<String> pairs) {
        String wrong = configuration.set(pairs);
        if (wrong != null) {
            client.say(Errors.of(wrong));
            return;
        }
        everyone.forEach(each -> applyLimit(each, (Client) each.listener()));
        channels.limit(configuration.limits().pubsub());
        client.say("+OK");
    }

    private static List<String> textsOf(List<byte[]> words) {
        List<String> texts = new ArrayList<>();
        words.forEach(word -> texts.add(textOf(word)));
        return texts;
    }

    private static String textOf(byte[] word) {
        return new String(word, StandardCharsets.ISO_8859_1);
    }
}
