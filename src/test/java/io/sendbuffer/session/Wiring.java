package io.sendbuffer.session;

/** What connects a session with its peer in a contract test. */
public enum Wiring {
    TCP,
    UNIX,
    PIPE
}
