/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The request of a client that wants to be one: what a server decides by. Its strings hold what came, each byte as a
 * char (ISO 8859-1). Immutable; a client does not keep its request, so that an idle one costs little.
 */
public final class WebRequest {
    private final String method;
    private final String path;
    private final @Nullable String query;
    private final boolean isHttp10;

    /** Names, in lower case, and values in turns. */
    private final List<String> fields;

    WebRequest(String method, String target, boolean isHttp10, List<String> fields) {
        int mark = target.indexOf('?');
        this.method = method;
        this.path = mark < 0 ? target : target.substring(0, mark);
        this.query = mark < 0 ? null : target.substring(mark + 1);
        this.isHttp10 = isHttp10;
        this.fields = fields;
    }

    /** The method, {@code GET} for instance. */
    public String method() {
        return method;
    }

    /** The path, as it came: percent-encoded, without the query. */
    public String path() {
        return path;
    }

    /** What follows the question mark, as it came; null if there is none. */
    public @Nullable String query() {
        return query;
    }

    /**
     * The value of a header field, the first one if there are several.
     *
     * @param name in whatever case
     * @return null if there is none
     */
    public @Nullable String header(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        for (int i = 0; i < fields.size(); i += 2) {
            if (fields.get(i).equals(lower)) {
                return fields.get(i + 1);
            }
        }
        return null;
    }

    /** The values of all header fields of a name, in their order. */
    public List<String> headers(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        List<String> values = new ArrayList<>();
        for (int i = 0; i < fields.size(); i += 2) {
            if (fields.get(i).equals(lower)) {
                values.add(fields.get(i + 1));
            }
        }
        return values;
    }

    /** The origin of the page that made the request; null if no browser did. */
    public @Nullable String origin() {
        return header("origin");
    }

    /**
     * True if the page that made the request came from the host that the request is for, or no page made it: what a
     * server allows without another setting. Behind a proxy, that has to leave {@code Host} as it came.
     */
    public boolean isSameOrigin() {
        String origin = origin();
        if (origin == null) {
            return true;
        }
        String host = header("host");
        int scheme = origin.indexOf("://");
        return host != null && scheme > 0 && origin.substring(scheme + 3).equalsIgnoreCase(host);
    }

    boolean isHttp10() {
        return isHttp10;
    }

    /** The elements of a field that is a list, of all its occurrences: trimmed, none empty. */
    List<String> elements(String name) {
        List<String> elements = new ArrayList<>();
        for (String value : headers(name)) {
            for (String element : value.split(",", -1)) {
                String trimmed = element.strip();
                if (!trimmed.isEmpty()) {
                    elements.add(trimmed);
                }
            }
        }
        return elements;
    }

    boolean hasElement(String name, String element) {
        return elements(name).stream().anyMatch(each -> each.equalsIgnoreCase(element));
    }

    /** True if there is a body, whose bytes would be taken for something else. */
    boolean hasBody() {
        String length = header("content-length");
        return header("transfer-encoding") != null || (length != null && !length.equals("0"));
    }

    /** Names the method and the path. */
    @Override
    public String toString() {
        return method + " " + path;
    }
}
