/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/** One step in the life of a log, taken by {@link LogFullHeapMain} while the heap is full. */
enum LogStep {
    /** The ninth subscriber, at which the reader's arrays grow. */
    SUBSCRIBE {
        @Override
        void prepare(LogScenario scenario) {
            for (int i = 0; i < 8; i++) {
                scenario.subscriber(OverrunPolicy.hold());
            }
            scenario.append(3);
            scenario.peer();
        }

        @Override
        void take(LogScenario scenario) {
            LogPeer peer = scenario.peers.get(8);
            peer.isSubscribed = scenario.reader.subscribe(peer, OverrunPolicy.hold()) != null;
            scenario.failed |= !peer.isSubscribed;
            scenario.serve(2);
        }
    },

    /** A subscriber that begins at an earlier position. */
    RESUME {
        @Override
        void prepare(LogScenario scenario) {
            LogPeer slow = scenario.subscriber(OverrunPolicy.hold());
            slow.isStalled = true;
            scenario.append(5);
            scenario.peer();
        }

        @Override
        void take(LogScenario scenario) {
            LogPeer peer = scenario.peers.get(1);
            peer.isSubscribed = scenario.reader.subscribeFrom(0, peer, OverrunPolicy.hold()) != null;
            peer.expected.append(peer.isSubscribed ? "abcde" : "");
            scenario.failed |= !peer.isSubscribed;
            scenario.serve(2);
        }
    },

    SNAPSHOT {
        @Override
        void prepare(LogScenario scenario) {
            scenario.subscriber(OverrunPolicy.hold());
            scenario.append(2);
            scenario.peer();
        }

        @Override
        void take(LogScenario scenario) {
            LogPeer peer = scenario.peers.get(1);
            peer.isSubscribed =
                    scenario.reader.subscribe(peer, OverrunPolicy.hold(), at -> snapshot(scenario, at)) != null;
            peer.expected.append(peer.isSubscribed ? "state" : "");
            scenario.failed |= !peer.isSubscribed;
            scenario.serve(2);
        }

        private LogSnapshot snapshot(LogScenario scenario, long position) {
            SendBuffer state = scenario.pool.acquire(5);
            try {
                return new LogSnapshot(state.putAscii("state").seal(), position);
            } catch (OutOfMemoryError e) {
                state.release();
                throw e;
            }
        }
    },

    APPEND {
        @Override
        boolean needsHeap() {
            return false;
        }

        @Override
        boolean needsNoHeap() {
            return true;
        }

        @Override
        void prepare(LogScenario scenario) {
            scenario.subscriber(OverrunPolicy.hold());
        }

        @Override
        void take(LogScenario scenario) {
            scenario.append(20);
        }
    },

    /** Messages of the subscriber's own, whose order with the log's has to be noted. */
    SEND {
        @Override
        void prepare(LogScenario scenario) {
            LogPeer peer = scenario.subscriber(OverrunPolicy.hold());
            peer.isStalled = true;
            scenario.append(1);
        }

        @Override
        void take(LogScenario scenario) {
            for (int i = 0; i < 10; i++) {
                scenario.send(scenario.peers.get(0), 2);
                scenario.append(1);
            }
        }
    },

    /** A backlog, at which the plans and their views grow. */
    SERVE {
        @Override
        void prepare(LogScenario scenario) {
            scenario.subscriber(OverrunPolicy.hold());
            scenario.append(30);
        }

        @Override
        void take(LogScenario scenario) {
            scenario.serve(3);
        }
    },

    /** A channel that takes a part of a message. */
    CUT {
        @Override
        void prepare(LogScenario scenario) {
            LogPeer peer = scenario.subscriber(OverrunPolicy.hold());
            peer.isStalled = true;
            scenario.append("01234567");
            scenario.append(5);
            peer.maxPerCall = 3;
        }

        @Override
        void take(LogScenario scenario) {
            scenario.peers.get(0).isStalled = false;
            scenario.serve(1);
        }
    },

    /** A subscriber that is overrun, and is sent a notice. */
    OVERRUN {
        @Override
        void prepare(LogScenario scenario) {
            LogPeer peer = scenario.subscriber(OverrunPolicy.skip(gap -> notice(scenario)));
            peer.isStalled = true;
            scenario.append(40);
            peer.expected.setLength(0);
            peer.expected.append("gap");
        }

        private SendBuffer notice(LogScenario scenario) {
            return scenario.pool.acquire(3).putAscii("gap").seal();
        }

        @Override
        void take(LogScenario scenario) {
            scenario.peers.get(0).isStalled = false;
            scenario.serve(2);
        }
    },

    LEAVE {
        @Override
        boolean needsHeap() {
            return false; // a view of a chunk, perhaps
        }

        @Override
        void prepare(LogScenario scenario) {
            scenario.subscriber(OverrunPolicy.hold());
            scenario.subscriber(OverrunPolicy.hold());
        }

        @Override
        void take(LogScenario scenario) {
            LogPeer peer = scenario.peers.get(1);
            peer.isSubscribed = false;
            peer.queue.removeSubscriptions();
            scenario.append(5);
            scenario.serve(2);
        }
    };

    /** True if an allocation of the step has to fail: the heap is really full. */
    boolean needsHeap() {
        return true;
    }

    /** True if no allocation of the step may fail, since there is none. */
    boolean needsNoHeap() {
        return false;
    }

    /** With memory. */
    abstract void prepare(LogScenario scenario);

    /** With little or none. An OutOfMemoryError may leave this, or end a queue, or be reported. */
    abstract void take(LogScenario scenario);
}
