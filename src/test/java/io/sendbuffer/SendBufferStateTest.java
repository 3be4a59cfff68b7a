/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A method that is illegal in a state throws and says what to do. Methods are found by name, so that a new one is not
 * missed.
 */
class SendBufferStateTest {
    private static final String SEALED = "acquire another one to write to";
    private static final String NOT_SEALED = "call seal()";
    private static final String RELEASED = "use it only while a reference is held";

    private final SendBufferPool pool = Pools.create();

    static List<Method> writes() {
        return methods("put", "prepend", "headroom", "order", "seal", "asMutableDirectBuffer")
                .filter(
                        // order() without a parameter returns the order
                        method -> !method.getName().equals("order") || method.getParameterCount() == 1)
                .toList();
    }

    static List<Method> reads() {
        return methods("get", "asReadOnlyByteBuffer", "asDirectBuffer").toList();
    }

    private static Stream<Method> methods(String... prefixes) {
        return Arrays.stream(SendBuffer.class.getMethods())
                .filter(method -> method.getDeclaringClass() != Object.class)
                .filter(method -> Arrays.stream(prefixes)
                        .anyMatch(prefix -> method.getName().startsWith(prefix)));
    }

    @Test
    void shouldFindTheMethodsThatItIsAbout() {
        List<String> types = List.of("Byte", "Short", "Char", "Int", "Long", "Float", "Double", "Bytes", "Utf8");
        Set<String> expectedWrites = new HashSet<>(Set.of(
                "putAscii", "putIntAscii", "putLongAscii", "headroom", "order", "seal", "asMutableDirectBuffer"));
        Stream.of("Byte", "Short", "Int", "Long", "Bytes", "Ascii", "IntAscii")
                .map("prepend"::concat)
                .forEach(expectedWrites::add);
        Set<String> expectedReads = new HashSet<>(Set.of("asReadOnlyByteBuffer", "asDirectBuffer"));
        types.forEach(type -> expectedWrites.add("put" + type));
        types.forEach(type -> expectedReads.add("get" + type));
        assertEquals(expectedWrites, namesOf(writes()));
        assertEquals(expectedReads, namesOf(reads()));
    }

    private static Set<String> namesOf(List<Method> methods) {
        return methods.stream().map(Method::getName).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @MethodSource("writes")
    void shouldRefuseToWriteAfterTheSealAndChangeNothing(Method write) throws IllegalAccessException {
        try (SendBuffer other = pool.acquire(16).putLong(3).seal();
                SendBuffer buffer = pool.acquire(16).putLong(7).seal()) {
            requireStateMessage(SEALED, write, buffer, other);
            assertEquals(8, buffer.length());
            assertEquals(0, buffer.remaining());
            assertEquals(7, buffer.getLong(0));
            assertEquals(ByteOrder.BIG_ENDIAN, buffer.order());
            assertEquals(1, buffer.referenceCount());
        }
    }

    @ParameterizedTest
    @MethodSource("writes")
    void shouldRefuseToWriteAfterTheLastRelease(Method write) throws IllegalAccessException {
        requireRefusedAfterTheLastRelease(write);
    }

    @ParameterizedTest
    @MethodSource("reads")
    void shouldRefuseToReadAfterTheLastRelease(Method read) throws IllegalAccessException {
        requireRefusedAfterTheLastRelease(read);
    }

    private void requireRefusedAfterTheLastRelease(Method method) throws IllegalAccessException {
        SendBuffer sealed = pool.acquire(16).putLong(7).seal();
        SendBuffer writable = pool.acquire(16).putLong(8);
        sealed.release();
        writable.release();
        try (SendBuffer other = pool.acquire(16).putLong(3).seal()) {
            requireStateMessage(RELEASED, method, sealed, other);
            requireStateMessage(RELEASED, method, writable, other);
            assertEquals(3, other.getLong(0));
        }
    }

    @Test
    void shouldRefuseToSendBeforeTheSealOrAfterTheLastRelease() {
        SendQueue queue = new SendQueue();
        SendBuffer buffer = pool.acquire(16).putLong(7);
        requireMessage(NOT_SEALED, () -> queue.offer(buffer));
        requireMessage(NOT_SEALED, () -> queue.offerRetained(buffer));
        assertEquals(1, buffer.referenceCount());
        buffer.seal().release();
        requireMessage(RELEASED, () -> queue.offer(buffer));
        requireMessage(RELEASED, () -> queue.offerRetained(buffer));
        assertEquals(0, queue.queuedMessages());
    }

    @Test
    void shouldRefuseToCopyFromAReleasedBuffer() {
        SendBuffer source = pool.acquire(16).putLong(7).seal();
        try (SendBuffer buffer = pool.acquire(16)) {
            source.release();
            requireMessage(RELEASED, () -> buffer.putBytes(source, 0, 8));
            assertEquals(0, buffer.length());
        }
    }

    @Test
    void shouldNameItsStateInItsText() {
        SendBuffer buffer = pool.acquire(16).putLong(7);
        assertEquals("SendBuffer[writable, length=8, capacity=16, references=1]", buffer.toString());
        buffer.seal().retain();
        assertEquals("SendBuffer[sealed, length=8, capacity=16, references=2]", buffer.toString());
        buffer.release(2);
        assertTrue(buffer.toString().contains("released"), buffer::toString);
    }

    private static void requireMessage(String phrase, Runnable use) {
        Exception e = assertThrows(IllegalStateException.class, use::run);
        assertSays(e, phrase);
    }

    private static void requireStateMessage(String phrase, Method method, SendBuffer buffer, SendBuffer other)
            throws IllegalAccessException {
        byte[] array = {1, 2, 3};
        Object[] arguments = Arrays.stream(method.getParameterTypes())
                .map(type -> argumentOf(type, array, other))
                .toArray();
        try {
            method.invoke(buffer, arguments);
        } catch (InvocationTargetException e) {
            Exception thrown = assertInstanceOf(IllegalStateException.class, e.getCause(), method::toString);
            assertSays(thrown, phrase);
            assertArrayEquals(new byte[] {1, 2, 3}, array, method::toString);
            return;
        }
        throw new AssertionError(method + " was not refused");
    }

    /** Arguments that would be valid in another state. */
    private static Object argumentOf(Class<?> type, byte[] array, SendBuffer other) {
        if (type == int.class) {
            return 1;
        }
        if (type == byte[].class) {
            return array;
        }
        if (type == ByteBuffer.class) {
            return ByteBuffer.wrap(array);
        }
        if (type == SendBuffer.class) {
            return other;
        }
        if (type.isAssignableFrom(MutableDirectBuffer.class)) {
            return ArrayDirectBuffer.over(array);
        }
        return primitiveOrOrder(type);
    }

    private static Object primitiveOrOrder(Class<?> type) {
        return switch (type.getSimpleName()) {
            case "byte" -> (byte) 1;
            case "short" -> (short) 1;
            case "char" -> 'x';
            case "long" -> 1L;
            case "float" -> 1f;
            case "double" -> 1d;
            case "CharSequence" -> "x";
            case "ByteOrder" -> ByteOrder.LITTLE_ENDIAN;
            default -> throw new AssertionError("a parameter type that this test does not know: " + type);
        };
    }
}
