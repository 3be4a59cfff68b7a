/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.PoolExhaustedException;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.frame.FrameException;
import io.sendbuffer.frame.FrameFormat;
import io.sendbuffer.frame.FrameReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads the head of one HTTP/1.1 request, however it was cut, within limits. */
final class RequestReader {
    private static final FrameFormat LINES = FrameFormat.lines().maxLength(8 << 10);
    private static final int MAX_FIELDS = 100;
    private static final int MAX_BYTES = 32 << 10;
    private static final int MAX_EMPTY_LINES = 2;

    private final FrameReader lines;
    private final List<String> fields = new ArrayList<>();

    private String method = "";
    private String target = "";
    private boolean isHttp10;
    private int emptyLines;
    private int bytes;
    private @Nullable WebRequest request;

    RequestReader(SendBufferPool pool) {
        lines = LINES.reader(pool, this::onLine);
    }

    /**
     * Reads on.
     *
     * @param input what is behind the head is left in it
     * @return null while the head is not whole
     * @throws HttpException if it is no request, or too large, or there is no room for what was cut
     */
    @Nullable
    WebRequest read(ByteBuffer input) {
        try {
            lines.read(input);
            if (bytes + lines.pendingBytes() > MAX_BYTES) {
                throw tooLarge();
            }
        } catch (FrameException e) {
            throw tooLarge();
        } catch (PoolExhaustedException e) {
            throw new HttpException(HttpStatus.UNAVAILABLE);
        }
        return request;
    }

    void close() {
        lines.close();
    }

    private HttpException tooLarge() {
        return new HttpException(target.isEmpty() ? HttpStatus.URI_TOO_LONG : HttpStatus.HEADERS_TOO_LARGE);
    }

    private static HttpException bad() {
        return new HttpException(HttpStatus.BAD_REQUEST);
    }

    private void onLine(ByteBuffer line) {
        bytes += line.remaining();
        String text = StandardCharsets.ISO_8859_1.decode(line).toString();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7F) {
                throw bad();
            }
        }
        if (target.isEmpty()) {
            readRequestLine(text);
        } else if (text.isEmpty()) {
            end();
        } else {
            readField(text);
        }
    }

    private void readRequestLine(String line) {
        if (line.isEmpty() && ++emptyLines <= MAX_EMPTY_LINES) {
            return; // some clients end an earlier request with more than its end
        }
        int first = line.indexOf(' ');
        int last = line.lastIndexOf(' ');
        if (first <= 0 || last == first || !isToken(line.substring(0, first))) {
            throw bad();
        }
        String path = pathOf(line.substring(first + 1, last));
        String version = line.substring(last + 1);
        if (!version.startsWith("HTTP/") || path.indexOf(' ') >= 0 || path.indexOf('\t') >= 0) {
            throw bad();
        }
        isHttp10 = version.equals("HTTP/1.0");
        if (!isHttp10 && !version.equals("HTTP/1.1")) {
            throw new HttpException(HttpStatus.VERSION_NOT_SUPPORTED);
        }
        method = line.substring(0, first);
        target = path;
    }

    /** Of a target as a proxy gets it, {@code http://host/path}, the host is left out. */
    private static String pathOf(String target) {
        if (target.startsWith("/")) {
            return target;
        }
        int scheme = target.indexOf("://");
        if (scheme <= 0) {
            throw bad();
        }
        int path = target.indexOf('/', scheme + 3);
        return path < 0 ? "/" : target.substring(path);
    }

    private void readField(String line) {
        int colon = line.indexOf(':');
        if (colon <= 0 || !isToken(line.substring(0, colon))) {
            throw bad(); // a line that continues the one before is refused too
        }
        if (fields.size() == 2 * MAX_FIELDS || bytes > MAX_BYTES) {
            throw tooLarge();
        }
        fields.add(line.substring(0, colon).toLowerCase(Locale.ROOT));
        fields.add(line.substring(colon + 1).strip());
    }

    private static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 0x7F || "\"(),/:;<=>?@[\\]{}".indexOf(c) >= 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private void end() {
        WebRequest whole = new WebRequest(method, target, isHttp10, List.copyOf(fields));
        int hosts = whole.headers("host").size();
        if (hosts > 1 || (hosts == 0 && !isHttp10)) {
            throw bad();
        }
        request = whole;
        lines.close(); // what follows is no line
    }
}
