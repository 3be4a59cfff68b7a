/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.ReleaseCounter;
import io.sendbuffer.ReleaseListener;

/** Counts the messages that were released, and throws at times. */
final class SoakReleases implements ReleaseListener {
    private final ReleaseCounter released;
    private final SoakFaults faults;

    SoakReleases(ReleaseCounter released, SoakFaults faults) {
        this.released = released;
        this.faults = faults;
    }

    @Override
    public void onReleased(int unwritten) {
        released.onReleased(unwritten);
        faults.hit(SoakFault.RELEASE_LISTENER_THROWS);
    }
}
