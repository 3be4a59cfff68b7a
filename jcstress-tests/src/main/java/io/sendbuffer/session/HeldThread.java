package io.sendbuffer.session;

/** A thread that is made and "started", and never is: an actor runs its task instead. */
final class HeldThread extends Thread {
    HeldThread(Runnable task) {
        super(task);
    }

    @Override
    public void start() {
        // An actor calls run().
    }
}
