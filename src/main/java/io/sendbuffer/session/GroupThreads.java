/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.channels.AsynchronousChannelGroup;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens a group of asynchronous channels and notices when a thread of it dies. The JDK waits for events on threads of
 * its own. One that meets an Error, for want of memory for instance, is gone with the event that it held, and perhaps
 * no other takes its place: operations stay pending forever, and no handler is notified.
 *
 * <p>Up to JDK 23 such a thread inherits its thread group from the one that opens the channels' group, as do those that
 * replace it; so its death is seen here, with its cause. No code of the user's runs on these threads, so no thread of
 * the user is in this group. Later JDKs put it into a group of their own, and do not say why it died: a thread of this
 * object waits for its end.
 */
final class GroupThreads extends ThreadGroup {
    /** What JDK 24 and later put their threads into. */
    private static final String OF_JDK = "InnocuousThreadGroup";

    private static final long STACK_OF_WATCH = 64 << 10;

    /** Groups that are opened one after the other do not take each other's threads for their own. */
    private static final Object ONE_AT_A_TIME = new Object();

    private final Resources resources;
    private final Consumer<Throwable> onDeath;
    private final Runnable onEnd;

    // Written by the thread that opens, read after its end.
    private @Nullable AsynchronousChannelGroup opened;
    private @Nullable Throwable failure;

    private GroupThreads(String name, Resources resources, Consumer<Throwable> onDeath, Runnable onEnd) {
        super(name);
        this.resources = resources;
        this.onDeath = onDeath;
        this.onEnd = onEnd;
        goWithItsLastThread();
    }

    @SuppressWarnings("removal") // JDK 17 would keep the group forever; later ones drop it by themselves
    private void goWithItsLastThread() {
        try {
            setDaemon(true);
        } catch (LinkageError e) {
            return; // removed, as it is not needed any more
        }
    }

    /**
     * Opens a group.
     *
     * @param onDeath is called on the thread that dies, for each; must not need memory, nor call the user's code
     * @param onEnd is called when the threads that the JDK made have ended, whatever ended them, a shutdown of the
     *     group for instance; as {@code onDeath}
     */
    static AsynchronousChannelGroup open(
            String name,
            ExecutorService executor,
            int threads,
            Resources resources,
            Consumer<Throwable> onDeath,
            Runnable onEnd)
            throws IOException {
        GroupThreads group = new GroupThreads(name, resources, onDeath, onEnd);
        Thread opener = new Thread(group, () -> group.open(executor, threads), name + "-opener");
        opener.setDaemon(true);
        resources.start(opener);
        join(opener);
        AsynchronousChannelGroup opened = group.opened;
        if (opened != null) {
            return opened;
        }
        Throwable failure = group.failure;
        if (failure instanceof Error error) {
            throw error; // no more threads, for instance
        }
        throw new IOException("the channels' group cannot be opened", failure);
    }

    private void open(ExecutorService executor, int threads) {
        AsynchronousChannelGroup group = null;
        try {
            List<Thread> waiting;
            synchronized (ONE_AT_A_TIME) {
                Set<Thread> before = threadsOfJdk();
                group = AsynchronousChannelGroup.withCachedThreadPool(executor, threads);
                Set<Thread> after = threadsOfJdk();
                after.removeAll(before);
                waiting = List.copyOf(after);
            }
            watch(waiting);
            opened = group;
        } catch (Throwable e) { // no more threads, for instance
            failure = e;
            if (group != null) {
                group.shutdown();
            }
        }
    }

    /**
     * Those that wait for events, and perhaps some that another library has the JDK make at the same moment: so only
     * the end of all of them counts.
     */
    private void watch(List<Thread> waiting) {
        if (waiting.isEmpty()) {
            return; // a JDK that makes none, or hides them
        }
        Runnable watching = () -> {
            waiting.forEach(GroupThreads::join);
            onEnd.run();
        };
        Thread watch = new Thread(getParent(), watching, getName() + "-watch", STACK_OF_WATCH, false);
        watch.setDaemon(true);
        resources.start(watch);
    }

    /** Of this group those that the executor has not made, and of the JDK's own group all. */
    private Set<Thread> threadsOfJdk() {
        ThreadGroup root = this;
        for (ThreadGroup parent = root; parent != null; parent = parent.getParent()) {
            root = parent;
        }
        Thread[] all = new Thread[2 * root.activeCount() + 64];
        int count = root.enumerate(all, true);
        Set<Thread> found = new HashSet<>();
        for (int i = 0; i < count; i++) {
            if (isOfJdk(all[i])) {
                found.add(all[i]);
            }
        }
        return found;
    }

    private boolean isOfJdk(Thread thread) {
        ThreadGroup group = thread.getThreadGroup(); // null if it has ended
        return group != null
                && (group == this
                        ? !thread.getName().startsWith(getName())
                        : group.getName().equals(OF_JDK));
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void uncaughtException(Thread thread, Throwable error) {
        onDeath.accept(error);
    }
}
