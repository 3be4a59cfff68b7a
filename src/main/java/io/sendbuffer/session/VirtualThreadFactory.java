package io.sendbuffer.session;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ThreadFactory;

/** Makes virtual threads, on JDKs that have them: this library is compiled for 17, they came with 21. */
final class VirtualThreadFactory {
    private VirtualThreadFactory() {}

    /**
     * Returns what {@code Thread.ofVirtual().factory()} returns.
     *
     * @throws UnsupportedOperationException before JDK 21
     */
    static ThreadFactory create() {
        try {
            Class<?> builders = Class.forName("java.lang.Thread$Builder$OfVirtual");
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            MethodHandle ofVirtual = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(builders));
            MethodHandle factory = lookup.findVirtual(builders, "factory", MethodType.methodType(ThreadFactory.class));
            return (ThreadFactory) factory.invoke(ofVirtual.invoke());
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedOperationException("virtual threads need JDK 21 or later; use threads(factory)", e);
        } catch (Throwable e) {
            throw new LinkageError("Thread.ofVirtual() failed", e);
        }
    }
}
