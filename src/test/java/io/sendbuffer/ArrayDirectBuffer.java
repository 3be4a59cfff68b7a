/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.reflect.Proxy;
import java.util.Objects;
import org.agrona.MutableDirectBuffer;

/**
 * The few methods of an Agrona buffer that a {@link SendBuffer} calls, backed by an array: Agrona's own buffers need a
 * JVM flag, which is not set for these tests. With the flag, {@link AgronaViewTest} uses the real ones.
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
        return switch (method) {
            case "boundsCheck" -> Objects.checkFromIndexSize((int) arguments[0], (int) arguments[1], array.length);
            case "byteArray" -> array;
            case "wrapAdjustment" -> 0;
            case "isExpandable" -> false;
            default -> throw new UnsupportedOperationException(method);
        };
    }
}
