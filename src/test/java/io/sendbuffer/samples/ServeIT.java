/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Threads;
import io.sendbuffer.samples.CommandLine.WrongArgument;
import io.sendbuffer.samples.serve.BroadcastServer;
import io.sendbuffer.samples.serve.ServeSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server in this process, with real sockets as its clients. Every test ends with no buffer outstanding. */
@Timeout(60)
class ServeIT {
    private static final String FULL = "* server full (2 connections), try later";
    private static final String LARGE_LINE = "x".repeat(60_000);

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private final List<LineClient> clients = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // each test begins with serve(...)
    private BroadcastServer server;

    @AfterEach
    void closeAll() {
        Future<Boolean> closing = startToClose();
        clients.forEach(LineClient::leaveAtTheEnd);
        Threads.join(closing);
        Pattern lastLine = Pattern.compile("closed: \\d+ clients, \\d+ lines, 0 buffers outstanding\\R\\z");
        assertTrue(lastLine.matcher(consoleText()).find(), this::consoleText);
    }

    @Test
    void shouldSendALineToAllOthers() throws Exception {
        serve();
        List<LineClient> room = enter(3);
        room.get(0).send("hello\n");
        room.get(1).expect("#1: hello");
        room.get(2).expect("#1: hello");
        room.get(1).send("hi\n");
        room.get(0).expect("#2: hi"); // and not its own line before it
        room.get(2).expect("#2: hi");
    }

    @Test
    void shouldKeepTheOrderOfEachSender() throws Exception {
        serve();
        List<LineClient> room = enter(3);
        List<String> lines =
                IntStream.range(0, 2_000).mapToObj(i -> "line " + i).toList();
        room.get(0).send(String.join("\n", lines) + "\n");
        room.get(1).send(String.join("\n", lines) + "\n");
        int[] next = new int[2];
        for (int i = 0; i < 2 * lines.size(); i++) {
            String heard = String.valueOf(room.get(2).nextLine());
            int sender = heard.startsWith("#1") ? 0 : 1;
            assertEquals("#" + (sender + 1) + ": " + lines.get(next[sender]++), heard);
        }
    }

    @Test
    void shouldSendAnUnfinishedLineOnlyOnceItIsFinished() throws Exception {
        serve();
        List<LineClient> room = enter(2);
        room.get(0).send("first\nsec");
        room.get(1).expect("#1: first");
        room.get(1).send("a word in between\n");
        room.get(0).expect("#2: a word in between");
        room.get(0).send("ond\n");
        room.get(1).expect("#1: second");
    }

    @Test
    void shouldPassUtf8OnByteByByte() throws Exception {
        serve();
        List<LineClient> room = enter(2);
        String text = "gr\u00fc\u00dfe, \uc548\ub155, \ud83d\udc4b";
        for (byte piece : (text + "\n").getBytes(StandardCharsets.UTF_8)) {
            room.get(0).send(new byte[] {piece});
        }
        room.get(1).expect("#1: " + text);
    }

    @Test
    void shouldTakeCrLfAndLfAndEmptyLines() throws Exception {
        serve();
        List<LineClient> room = enter(2);
        room.get(0).send("crlf\r\nlf\n\r\n\nc\rr\r\n");
        room.get(1).expect("#1: crlf", "#1: lf", "#1: ", "#1: ", "#1: c\rr");
    }

    @Test
    void shouldDropALineThatIsTooLongAndSaySoOnce() throws Exception {
        serve("--max-line", "16");
        List<LineClient> room = enter(2);
        room.get(0).send("x".repeat(17) + "\n" + LARGE_LINE + LARGE_LINE + "\n" + "y".repeat(16) + "\r\n");
        room.get(1).expect("#1: " + "y".repeat(16));
        room.get(1).send("done\n");
        String notice = "* line longer than 16 bytes, dropped";
        room.get(0).expect(notice, notice, "#2: done");
    }

    @Test
    void shouldTurnAwayNewcomersUntilAClientLeaves() throws Exception {
        serve("--max-connections", "2");
        List<LineClient> room = enter(2);
        LineClient newcomer = connect();
        newcomer.expect(FULL);
        newcomer.expectEnd();
        room.get(1).close();
        room.get(0).expect("* #2 left, 1 here");
        Deadline deadline = new Deadline("a place for a newcomer");
        String answer = connect().nextLine();
        while (FULL.equals(answer)) {
            deadline.check();
            answer = connect().nextLine();
        }
        assertEquals("* welcome, 2 here; type a line and all others see it", answer);
    }

    /** In step with a client that does read, so that only the other one can be slow. */
    @Test
    void shouldDisconnectAClientThatDoesNotRead() throws Exception {
        serve("--max-line", "65536", "--queue-limit", "65600");
        List<LineClient> room = enter(3);
        String dropped = "#3 disconnected: does not read, its queue is full";
        Deadline deadline = new Deadline("the end of #3");
        while (!consoleText().contains(dropped)) {
            room.get(0).send(LARGE_LINE + "\n");
            String heard = room.get(1).nextLine();
            if ("* #3 left, 2 here".equals(heard)) {
                heard = room.get(1).nextLine();
            }
            assertEquals("#1: " + LARGE_LINE, heard);
            deadline.check();
        }
        assertEquals(1, consoleText().split("disconnected", -1).length - 1, this::consoleText);
    }

    /** However much its queue may hold: the memory that it pins is shared by all clients. */
    @Test
    void shouldDisconnectTheClientThatKeepsAllMemory() throws Exception {
        serve("--max-line", "65536", "--queue-limit", "1073741824", "--max-memory", "1048576");
        List<LineClient> room = enter(3); // the third does not read
        Deadline deadline = new Deadline("the end of #3");
        while (!consoleText().contains("#3 disconnected: ended as the slowest consumer")) {
            room.get(0).send(LARGE_LINE + "\n");
            String heard = room.get(1).nextLine();
            if ("* #3 left, 2 here".equals(heard)) {
                heard = room.get(1).nextLine();
            }
            assertEquals("#1: " + LARGE_LINE, heard);
            deadline.check();
        }
        assertEquals(1, consoleText().split("disconnected", -1).length - 1, this::consoleText);
    }

    /** More lines at once than fit into the pool, though no client is slow. */
    @Test
    void shouldNotifyTheSenderWhenThePoolIsExhaustedAndRecover() throws Exception {
        serve("--max-memory", "1048576");
        List<LineClient> room = enter(2);
        Deadline full = new Deadline("an exhausted pool");
        Thread reader = readInBackground(room.get(1));
        room.get(0).send("\n".repeat(16_000)); // at most as many answers, which its own queue takes
        while (!room.get(0).hasInput()) {
            Thread.onSpinWait();
            full.check();
        }
        room.get(0).expect("* server is out of memory, line dropped");
        Deadline free = new Deadline("memory again");
        while (reader.isAlive()) {
            room.get(0).send("enough\n");
            free.check();
        }
    }

    @Test
    void shouldKeepAClientWhoseInputEnded() throws Exception {
        serve();
        List<LineClient> room = enter(2);
        room.get(0).send("hi\nand a last line without an end");
        room.get(0).endInput();
        room.get(1).expect("#1: hi", "#1: and a last line without an end", "* #1 left, 1 here");
        room.get(0).expect("* your input ended; you see what others type until you close");
        room.get(1).send("still there?\n");
        room.get(0).expect("#2: still there?");
    }

    @Test
    void shouldFindOutThatAClientLeft() throws Exception {
        serve();
        List<LineClient> room = enter(2);
        room.get(1).close();
        room.get(0).expect("* #2 left, 1 here");
        Deadline deadline = new Deadline("the end of #2");
        while (!consoleText().contains("#2 disconnected")) {
            room.get(0).send("anybody?\n");
            deadline.check();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void shouldSayGoodbyeWhenItCloses(int count) throws Exception {
        serve();
        List<LineClient> room = enter(count);
        Future<Boolean> closing = startToClose();
        for (LineClient client : room) {
            client.expect("* server is closing");
            client.expectEnd();
            client.close();
        }
        Threads.join(closing);
        assertTrue(consoleText().contains("closed: " + count + " clients, 0 lines, "), this::consoleText);
    }

    // ---- the server and its clients

    private void serve(String... more) throws IOException, WrongArgument {
        String[] args = new String[more.length + 2];
        args[0] = "--port";
        args[1] = "0";
        System.arraycopy(more, 0, args, 2, more.length);
        server = BroadcastServer.start(
                ServeSettings.parse(args), new PrintStream(console, true, StandardCharsets.UTF_8));
    }

    /** It waits for its clients to leave, for a while. */
    private Future<Boolean> startToClose() {
        return Threads.start(() -> {
            server.close();
            return true;
        });
    }

    /** Clients 1 to count, each of which saw all that join after it. */
    private List<LineClient> enter(int count) throws IOException {
        List<LineClient> room = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            LineClient client = connect();
            client.expect("* welcome, " + i + " here; type a line and all others see it");
            for (LineClient before : room) {
                before.expect("* #" + i + " joined, " + i + " here");
            }
            room.add(client);
        }
        return room;
    }

    private LineClient connect() throws IOException {
        LineClient client = new LineClient(server.port());
        clients.add(client);
        return client;
    }

    /** Reads until a line says "enough". */
    private static Thread readInBackground(LineClient client) {
        Thread reader = new Thread(() -> {
            try {
                while (!"#1: enough".equals(client.nextLine())) {}
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        reader.start();
        return reader;
    }

    private String consoleText() {
        return console.toString(StandardCharsets.UTF_8);
    }

    private static final class Deadline {
        private static final Duration PATIENCE = Duration.ofSeconds(20);

        private final String what;
        private final long startNanos = System.nanoTime();

        Deadline(String what) {
            this.what = what;
        }

        void check() {
            assertTrue(System.nanoTime() - startNanos < PATIENCE.toNanos(), () -> "waited too long for " + what);
        }
    }
}
