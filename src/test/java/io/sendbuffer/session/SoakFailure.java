package io.sendbuffer.session;

/** What a callback of the soak throws on purpose. */
final class SoakFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    SoakFailure() {
        super("thrown by a callback on purpose", null, false, false);
    }
}
