/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples;

import io.sendbuffer.session.Await;
import io.sendbuffer.web.WebSocketTexts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A headless Chromium with one page, driven by its own debugging protocol. */
final class Browser implements AutoCloseable {
    private static final Pattern VALUE = Pattern.compile("\"value\":(?:\"([^\"]*)\"|([^,}\\s]+))");
    private static final Pattern DATA = Pattern.compile("\"data\":\"([^\"]*)\"");
    private static final Pattern PAGE = Pattern.compile("\"webSocketDebuggerUrl\": *\"([^\"]*/page/[^\"]*)\"");

    private final Process process;
    private final WebSocket socket;
    private final BlockingQueue<String> answers;
    private int calls;

    private Browser(Process process, WebSocket socket, BlockingQueue<String> answers) {
        this.process = process;
        this.socket = socket;
        this.answers = answers;
    }

    /** Those that are installed. */
    static List<Path> find() {
        return List.of(Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser")).stream()
                .filter(Files::isExecutable)
                .toList();
    }

    static Browser start(Path chromium, Path folder, String address) throws Exception {
        Path profile = Files.createTempDirectory(folder, "profile");
        Process process = new ProcessBuilder(
                        chromium.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--window-size=1100,900",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        address)
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("output").toFile())
                .start();
        try {
            Path port = profile.resolve("DevToolsActivePort");
            Await.until("the browser has started", () -> linesOf(port).size() > 1);
            String page = pageOf("http://localhost:" + linesOf(port).get(0));
            WebSocketTexts answers = new WebSocketTexts();
            WebSocket socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create(page), answers)
                    .get(20, TimeUnit.SECONDS);
            return new Browser(process, socket, answers.texts);
        } catch (Throwable e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static List<String> linesOf(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of(); // it is not there yet
        }
    }

    private static String pageOf(String debugger) throws Exception {
        String[] found = new String[1];
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(debugger + "/json/list")).build();
        Await.until("there is a page", () -> found[0] != null, () -> {
            String list = HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
            Matcher page = PAGE.matcher(list);
            if (page.find()) {
                found[0] = page.group(1);
            }
        });
        return found[0];
    }

    /** The value of an expression, as text. */
    String evaluate(String expression) throws Exception {
        String escaped = expression.replace("\\", "\\\\").replace("\"", "\\\"");
        return find(VALUE, call("Runtime.evaluate", "\"expression\":\"" + escaped + "\",\"returnByValue\":true"));
    }

    /** A PNG, in base 64. */
    String screenshot() throws Exception {
        return find(DATA, call("Page.captureScreenshot", "\"format\":\"png\""));
    }

    private static String find(Pattern pattern, String answer) {
        Matcher matcher = pattern.matcher(answer);
        if (!matcher.find()) {
            return answer;
        }
        String first = matcher.group(1);
        return first != null ? first : matcher.group(2);
    }

    private String call(String method, String parameters) throws Exception {
        String id = "{\"id\":" + ++calls + ",";
        socket.sendText(id + "\"method\":\"" + method + "\",\"params\":{" + parameters + "}}", true)
                .get(20, TimeUnit.SECONDS);
        while (true) {
            String answer = answers.poll(20, TimeUnit.SECONDS);
            if (answer == null) {
                throw new AssertionError("no answer to " + method);
            }
            if (answer.startsWith(id)) {
                return answer;
            }
        }
    }

    @Override
    public void close() {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }
}
