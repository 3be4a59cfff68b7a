/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Write a message once into off-heap memory and send the same bytes to many clients. */
module io.sendbuffer {
    requires transitive org.agrona;
    requires static org.jspecify;

    // They know the JVM's limit on direct memory. Without them the pool runs into it instead of seeing it.
    requires static java.management;
    requires static jdk.management;

    exports io.sendbuffer;
    exports io.sendbuffer.frame;
    exports io.sendbuffer.session;
    exports io.sendbuffer.web;
}
