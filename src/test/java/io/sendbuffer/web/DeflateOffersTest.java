/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeflateOffersTest {
    private static final String ACCEPTED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "permessage-deflate | yes",
                "permessage-deflate; client_max_window_bits | yes",
                "permessage-deflate; client_max_window_bits=8 | yes",
                "permessage-deflate; client_max_window_bits=\"15\" | yes",
                "permessage-deflate ; server_no_context_takeover ; client_no_context_takeover | yes",
                "permessage-deflate; server_max_window_bits=15 | bits",
                "permessage-deflate; server_max_window_bits=10, permessage-deflate | yes",
                "x-webkit-deflate-frame, permessage-deflate | yes",
                "permessage-deflate; server_max_window_bits=10 | no",
                "permessage-deflate; server_max_window_bits | no",
                "permessage-deflate; client_max_window_bits=16 | no",
                "permessage-deflate; client_max_window_bits=7 | no",
                "permessage-deflate; client_max_window_bits=08 | no",
                "permessage-deflate; client_no_context_takeover=1 | no",
                "permessage-deflate; client_no_context_takeover; client_no_context_takeover | no",
                "permessage-deflate; unknown | no",
                "permessage-deflate; | no",
                "deflate | no",
                ", ,; | no"
            })
    void shouldAcceptWhatTheDeflaterOfTheJdkCanDo(String offer, String answer) {
        WebRequest request = new WebRequest("GET", "/", false, List.of("sec-websocket-extensions", offer));
        String expected = switch (answer) {
            case "yes" -> ACCEPTED;
            case "bits" -> ACCEPTED + "; server_max_window_bits=15";
            default -> null;
        };
        assertEquals(expected, DeflateOffers.accept(request));
    }
}
