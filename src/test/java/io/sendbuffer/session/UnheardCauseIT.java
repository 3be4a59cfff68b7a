/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A listener that ignores the end of its session: what its callbacks throw is not lost. */
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class UnheardCauseIT {
    private final SessionKind kind;
    private final HostSettings settings = new HostSettings();
    private final IllegalStateException thrown = new IllegalStateException("on purpose");
    private KindHost host;

    UnheardCauseIT(SessionKind kind) {
        this.kind = kind;
        this.host = KindHost.none(kind);
    }

    @BeforeEach
    void start() throws IOException {
        host = kind.start(settings);
    }

    @AfterEach
    void close() {
        host.endPeers();
        host.close();
    }

    private void requireReportedOnce(Throwable cause) throws Exception {
        Await.until("it was reported", () -> !settings.errors.isEmpty());
        host.endPeers();
        host.close(); // everything else that is reported is there by then
        assertEquals(1, settings.errors.size(), settings.errors::toString);
        assertSame(cause, settings.errors.get(0));
    }

    @Test
    void shouldReportWhatOnOpenedThrows() throws Exception {
        host.add(host.wire(), new SessionListener() {
            @Override
            public void onOpened(Session session) {
                throw thrown;
            }
        });
        requireReportedOnce(thrown);
    }

    @Test
    void shouldReportWhatOnReceivedThrows() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        PeerWire wire = host.wire();
        host.add(wire, new SessionListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                throw thrown;
            }
        });
        wire.write(new byte[] {1});
        requireReportedOnce(thrown);
    }

    @Test
    void shouldReportWhatOnInputEndedThrows() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        PeerWire wire = host.wire();
        host.add(wire, new SessionListener() {
            @Override
            public boolean onInputEnded(Session session) {
                throw thrown;
            }
        });
        wire.endOutput();
        requireReportedOnce(thrown);
    }

    /** Expected outcomes: a server whose clients come and go has nothing to report. */
    @Test
    void shouldNotReportAnIoErrorOrAnEndWithoutACause() throws Exception {
        PeerWire broken = host.wire();
        host.add(broken, new SessionListener() {});
        host.add(host.wire(), new SessionListener() {}).abort();
        broken.ours.close();
        Await.until("no session is left", () -> host.sessionCount() == 0);
        host.endPeers();
        host.close();
        assertEquals(List.of(), settings.errors);
    }
}
