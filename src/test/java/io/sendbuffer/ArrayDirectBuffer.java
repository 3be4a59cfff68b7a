package io.sendbuffer;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.agrona.MutableDirectBuffer;

/**
 * The few methods of an Agrona buffer that a {@link SendBuffer} calls, over an array: Agrona's own buffers need a JVM
 * flag that these tests run without. With the flag, {@link AgronaViewTest} uses the real ones.
 */
final class ArrayDirectBuffer {
    private ArrayDirectBuffer() {}

    static MutableDirectBuffer over(byte[] array) {
        return (MutableDirectBuffer) Proxy.newProxyInstance(
                ArrayDirectBuffer.class.getClassLoader(),
                new Class<?>[] {MutableDirectBuffer.class},
                (proxy, method, arguments) -> call(array, method.getName(), arguments));
    }

    private static Object call(byte[] array, String method, Object[] arguments) {
        int index = (int) arguments[0];
        switch (method) {
            case "boundsCheck" -> Objects.checkFromIndexSize(index, (int) arguments[1], array.length);
            case "getBytes" -> ((ByteBuffer) arguments[1]).put((int) arguments[2], array, index, (int) arguments[3]);
            case "putBytes" -> ((ByteBuffer) arguments[1]).get((int) arguments[2], array, index, (int) arguments[3]);
            default -> throw new UnsupportedOperationException(method);
        }
        return array; // ignored: the three return nothing
    }
}
