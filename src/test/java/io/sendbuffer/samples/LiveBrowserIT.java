/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sendbuffer.samples.live.LiveServer;
import io.sendbuffer.samples.live.LiveSettings;
import io.sendbuffer.session.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, where Debian's Chromium is installed; skipped elsewhere, and the report says so. */
@Timeout(120)
class LiveBrowserIT {
    private static final String SCREENSHOT = "sendbuffer.screenshot";

    @TempDir(cleanup = CleanupMode.NEVER) // the browser may still write to it when it is killed
    private static Path folder = Path.of("");

    @Test
    void shouldShowEveryTickWhileASlowClientReadsNothing() throws Exception {
        List<Path> found = Browser.find();
        assumeTrue(!found.isEmpty(), "SKIPPED: no Chromium is installed; apt-get install chromium");
        try (LiveServer server = LiveServer.start(LiveSettings.parse("--port", "0"));
                Browser browser = Browser.start(found.get(0), folder, "http://localhost:" + server.port() + "/")) {
            await(
                    browser,
                    "it is a WebSocket with compression",
                    "document.getElementById('by').textContent.includes('WebSocket permessage-deflate')");
            await(browser, "ticks come", "+document.getElementById('tick').textContent > 30");
            browser.evaluate("document.getElementById('slow').click()");
            await(browser, "the slow client has come", "plots.sessions.points.at(-1) === 2");
            await(browser, "its queue is long", "plots.queued.points.at(-1) > 1000000");
            await(browser, "it misses what is oldest", "plots.dropped.points.at(-1) > 0");
            assertEquals("0", browser.evaluate("document.getElementById('gaps').textContent"));
            String rate = browser.evaluate("document.getElementById('rate').textContent");
            assertTrue(Integer.parseInt(rate) >= 25, rate);
            String file = System.getProperty(SCREENSHOT);
            if (file != null) {
                Files.write(Path.of(file), Base64.getDecoder().decode(browser.screenshot()));
            }
            browser.evaluate("document.getElementById('slow').click()");
            await(browser, "the slow client has left", "plots.sessions.points.at(-1) === 1");
        }
    }

    @Test
    void shouldShowEventsToABrowserThatHasNoWebSocket() throws Exception {
        List<Path> found = Browser.find();
        assumeTrue(!found.isEmpty(), "SKIPPED: no Chromium is installed; apt-get install chromium");
        try (LiveServer server = LiveServer.start(LiveSettings.parse("--port", "0"));
                Browser browser =
                        Browser.start(found.get(0), folder, "http://localhost:" + server.port() + "/#events")) {
            await(browser, "ticks come", "+document.getElementById('tick').textContent > 30");
            assertEquals("server-sent events", browser.evaluate("document.getElementById('by').textContent"));
            assertEquals("0", browser.evaluate("document.getElementById('gaps').textContent"));
        }
    }

    private static void await(Browser browser, String what, String condition) throws Exception {
        String[] last = {""};
        Await.until(what, () -> "true".equals(last[0]), () -> {
            last[0] = browser.evaluate(condition);
            LockSupport.parkNanos(20_000_000);
        });
    }
}
