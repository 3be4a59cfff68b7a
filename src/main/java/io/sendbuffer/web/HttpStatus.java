/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

/** The errors that a request is answered with. */
enum HttpStatus {
    BAD_REQUEST(400, "Bad Request", "", "This is no request that the server understands."),
    FORBIDDEN(403, "Forbidden", "", "The server refuses this client."),
    NOT_FOUND(404, "Not Found", "", "There is nothing at this path."),
    METHOD_NOT_ALLOWED(405, "Method Not Allowed", "Allow: GET, HEAD\r\n", "Only GET and HEAD are served."),
    REQUEST_TIMEOUT(408, "Request Timeout", "", "The request took too long."),
    URI_TOO_LONG(414, "URI Too Long", "", "The first line of the request is too long."),
    UPGRADE_REQUIRED(
            426,
            "Upgrade Required",
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
            "This path is for WebSocket clients of version 13."),
    HEADERS_TOO_LARGE(431, "Request Header Fields Too Large", "", "The header fields of the request are too large."),
    UNAVAILABLE(503, "Service Unavailable", "", "The server has no memory for this client."),
    VERSION_NOT_SUPPORTED(505, "HTTP Version Not Supported", "", "The server speaks HTTP/1.1.");

    final int code;
    final String reason;

    private final String fields;
    private final String body;

    HttpStatus(int code, String reason, String fields, String body) {
        this.code = code;
        this.reason = reason;
        this.fields = fields;
        this.body = body;
    }

    /** The whole answer, in ASCII. */
    String answer() {
        boolean isUpgrade = this == UPGRADE_REQUIRED;
        return "HTTP/1.1 " + code + " " + reason + "\r\n" + fields + "Connection: " + (isUpgrade ? "Upgrade, " : "")
                + "close\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Length: " + (body.length() + 1)
                + "\r\n\r\n" + body + "\n";
    }
}
