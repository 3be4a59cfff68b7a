/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Negotiates permessage-deflate (RFC 7692). Neither side takes its window over from one message to the next: so what
 * the server sends is compressed once for all clients, and what comes needs no memory between two messages.
 */
final class DeflateOffers {
    private static final String NAME = "permessage-deflate";
    private static final String SERVER_NO_TAKEOVER = "server_no_context_takeover";
    private static final String CLIENT_NO_TAKEOVER = "client_no_context_takeover";
    private static final String SERVER_BITS = "server_max_window_bits";
    private static final String CLIENT_BITS = "client_max_window_bits";
    private static final String ACCEPTED = NAME + "; " + SERVER_NO_TAKEOVER + "; " + CLIENT_NO_TAKEOVER;

    /** The window that the JDK's deflater has, which is the largest. */
    private static final String OUR_BITS = "15";

    private DeflateOffers() {}

    /** The value of {@code Sec-WebSocket-Extensions} in the answer; null if there is no offer that can be accepted. */
    static @Nullable String accept(WebRequest request) {
        return request.elements("sec-websocket-extensions").stream()
                .map(DeflateOffers::answerTo)
                .filter(answer -> !answer.isEmpty())
                .findFirst()
                .orElse(null);
    }

    /** Empty if the offer is declined. */
    private static String answerTo(String offer) {
        String[] parts = offer.split(";", -1);
        if (!parts[0].strip().equals(NAME)) {
            return "";
        }
        Set<String> seen = new HashSet<>();
        boolean namesOurBits = false;
        for (String part : List.of(parts).subList(1, parts.length)) {
            String parameter = part.strip();
            int equals = parameter.indexOf('=');
            String name =
                    equals < 0 ? parameter : parameter.substring(0, equals).strip();
            String value =
                    equals < 0 ? null : unquoted(parameter.substring(equals + 1).strip());
            if (!seen.add(name) || !isAcceptable(name, value)) {
                return "";
            }
            namesOurBits |= name.equals(SERVER_BITS);
        }
        return namesOurBits ? ACCEPTED + "; " + SERVER_BITS + "=" + OUR_BITS : ACCEPTED;
    }

    private static boolean isAcceptable(String name, @Nullable String value) {
        return switch (name) {
            case SERVER_NO_TAKEOVER, CLIENT_NO_TAKEOVER -> value == null;
            case CLIENT_BITS -> value == null || isBits(value);
            case SERVER_BITS -> OUR_BITS.equals(value); // a smaller window is not to be had of the JDK
            default -> false;
        };
    }

    private static boolean isBits(String value) {
        return value.equals("8")
                || value.equals("9")
                || (value.length() == 2 && value.charAt(0) == '1' && value.charAt(1) >= '0' && value.charAt(1) <= '5');
    }

    private static String unquoted(String value) {
        boolean isQuoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return isQuoted ? value.substring(1, value.length() - 1) : value;
    }
}
