package io.sendbuffer.session;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** The groups of a soak, and how far their senders are. */
final class SoakGroups {
    /** Two to those whose sessions never wait, two to all. */
    static final int SENDERS = 4;

    /** The sender's number of what a session sends to itself from within a callback. */
    static final int REPLIES = SENDERS;

    /** Of all kinds. A sender may wait for a peer here. */
    final SessionGroup all = new SessionGroup(SoakSender::onRefused);

    /** Of those kinds whose senders never wait. */
    final SessionGroup quick = new SessionGroup(SoakSender::onRefused);

    /** For each sender the number of the last message that was offered to all that it goes to. */
    final AtomicLong[] returned = Stream.generate(() -> new AtomicLong(SoakExpectation.NONE))
            .limit(SENDERS)
            .toArray(AtomicLong[]::new);
}
