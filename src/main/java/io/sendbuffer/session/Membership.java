/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import org.jspecify.annotations.Nullable;

/**
 * One session in one group. The group holds it strongly, the session by a key that is weak: a session that lives on
 * does not keep a group that all others have dropped. For that, nothing here may lead to the group.
 */
final class Membership {
    final Session session;

    /** The index of one that is in no group. */
    static final int NONE = -1;

    /** Guarded by the group's lock: the place in {@link Members}. */
    int index = NONE;

    /** Guarded by the session's {@link Memberships}. Made by the first refusal, then used again. */
    @Nullable
    RefusalEpisode episode;

    Membership(Session session) {
        this.session = session;
    }
}
