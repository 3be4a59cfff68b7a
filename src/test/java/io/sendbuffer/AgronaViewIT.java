/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The views compared with Agrona's own buffer: random calls of every method have the same effect on both, byte for
 * byte.
 */
@Tag("agrona-flag")
class AgronaViewIT {
    private static final int CAPACITY = 67;

    private static final int CALLS = 20_000;

    /** Methods that differ on purpose, and methods that are compared in other ways. */
    private static final Set<String> LEFT_OUT =
            Set.of("wrap", "addressOffset", "byteBuffer", "byteArray", "wrapAdjustment", "toString", "getClass");

    private static final String[] TEXTS = {"", "1", "-17", "text", "h\u00e9llo \ud83d\ude00", "123456789012"};

    private final long seed = TestSeed.next();
    private final SplittableRandom random = new SplittableRandom(seed);
    private final SendBufferPool pool = Pools.create();
    private final UnsafeBuffer model = new UnsafeBuffer(new byte[CAPACITY]);

    @RepeatedTest(5)
    void shouldWriteAsAgronaDoes() throws Exception {
        try (SendBuffer neighbor = pool.acquire(5).putAscii("abcde").seal();
                SendBuffer buffer = pool.acquire(CAPACITY)) {
            MutableDirectBuffer view = buffer.asMutableDirectBuffer();
            view.setMemory(0, CAPACITY, (byte) 0);
            List<Method> methods = methodsOf(MutableDirectBuffer.class);
            for (int i = 0; i < CALLS; i++) {
                callBoth(methods.get(random.nextInt(methods.size())), view);
                if (i % 64 == 0) {
                    fill(view, textualBytes());
                }
            }
            assertEquals("abcde", neighbor.getUtf8(0, 5));
        }
    }

    @RepeatedTest(5)
    void shouldReadAsAgronaDoes() throws Exception {
        List<Method> methods = methodsOf(DirectBuffer.class);
        for (int round = 0; round < 100; round++) {
            byte[] content = textualBytes();
            model.putBytes(0, content);
            try (SendBuffer buffer = pool.acquire(CAPACITY).putBytes(content).seal()) {
                for (int i = 0; i < CALLS / 100; i++) {
                    callBoth(methods.get(random.nextInt(methods.size())), buffer.asDirectBuffer());
                }
            }
        }
    }

    /** The longest and most hostile numbers. */
    @Test
    void shouldParseAndWriteEveryNumberAsAgronaDoes() throws Exception {
        List<Method> methods = new ArrayList<>(methodsOf(MutableDirectBuffer.class));
        methods.removeIf(method -> !method.getName().startsWith("parse"));
        assertEquals(4, methods.size());
        try (SendBuffer buffer = pool.acquire(CAPACITY)) {
            MutableDirectBuffer view = buffer.asMutableDirectBuffer();
            for (int i = 0; i < CALLS; i++) {
                String number = numberText();
                fill(view, Arrays.copyOf(number.getBytes(StandardCharsets.US_ASCII), CAPACITY));
                for (Method method : methods) {
                    callBoth(method, view, first -> new Object[] {0, number.length()}, number);
                }
            }
        }
    }

    private String numberText() {
        String number = switch (random.nextInt(6)) {
            case 0 -> Long.toString(random.nextLong());
            case 1 -> Long.toString(random.nextInt());
            case 2 -> Long.toString(Long.MAX_VALUE - random.nextInt(3));
            case 3 -> Long.toString(Long.MIN_VALUE + random.nextInt(3));
            case 4 -> Long.toString(Integer.MAX_VALUE + random.nextLong(-3, 4));
            default -> Long.toString(Integer.MIN_VALUE + random.nextLong(-3, 4));
        };
        return switch (random.nextInt(8)) {
            case 0 -> number + random.nextInt(10);
            case 1 -> random.nextInt(10) + number;
            case 2 -> "9223372036854775808";
            case 3 -> "-9223372036854775809";
            case 4 -> number.replace('7', 'x');
            default -> number;
        };
    }

    private static List<Method> methodsOf(Class<?> type) {
        List<Method> methods = new ArrayList<>(List.of(type.getMethods()));
        methods.removeIf(method -> LEFT_OUT.contains(method.getName()));
        methods.sort(Comparator.comparing(Method::toString));
        assertTrue(methods.size() > 35);
        return methods;
    }

    private void fill(MutableDirectBuffer view, byte[] content) {
        model.putBytes(0, content);
        view.putBytes(0, content);
    }

    /** Digits, small lengths, and arbitrary values. */
    private byte[] textualBytes() {
        byte[] bytes = new byte[CAPACITY];
        for (int i = 0; i < CAPACITY; i++) {
            bytes[i] = (byte)
                    switch (random.nextInt(4)) {
                        case 0 -> random.nextInt();
                        case 1 -> 0;
                        default -> '0' + random.nextInt(10);
                    };
        }
        return bytes;
    }

    private void callBoth(Method method, DirectBuffer view) throws IllegalAccessException {
        SplittableRandom arguments = random.split();
        long same = arguments.nextLong();
        callBoth(method, view, first -> argumentsOf(method, new SplittableRandom(same)), "");
    }

    /** The arguments are made twice, since a call may change them. */
    private void callBoth(Method method, DirectBuffer view, Function<Boolean, Object[]> arguments, String what)
            throws IllegalAccessException {
        Object[] ofModel = arguments.apply(true);
        Object[] ofView = arguments.apply(false);
        String hint = method + Arrays.deepToString(ofModel) + what + TestSeed.hint(seed);
        Object expected = call(method, model, ofModel);
        Object actual = call(method, view, ofView);
        assertEquals(expected, actual, hint);
        for (int i = 0; i < ofModel.length; i++) {
            assertEquals(state(ofModel[i]), state(ofView[i]), hint);
        }
        assertArrayEquals(bytesOf(model), bytesOf(view), hint);
        assertEquals(0, view.compareTo(model), hint);
        assertEquals(model.hashCode(), view.hashCode(), hint);
    }

    private static Object call(Method method, DirectBuffer buffer, Object[] arguments) throws IllegalAccessException {
        try {
            Object result = method.invoke(buffer, arguments);
            return result instanceof Float || result instanceof Double ? result.toString() : String.valueOf(result);
        } catch (InvocationTargetException e) {
            return e.getTargetException().getClass();
        }
    }

    private static byte[] bytesOf(DirectBuffer buffer) {
        byte[] bytes = new byte[buffer.capacity()];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    private static Object state(@Nullable Object argument) {
        if (argument instanceof byte[] bytes) {
            return ByteBuffer.wrap(bytes);
        }
        if (argument instanceof ByteBuffer buffer) {
            return List.of(buffer.position(), buffer.limit(), buffer.duplicate().clear());
        }
        return String.valueOf(argument instanceof DirectBuffer buffer ? ByteBuffer.wrap(bytesOf(buffer)) : argument);
    }

    private static @Nullable Object[] argumentsOf(Method method, SplittableRandom random) {
        boolean isNatural = method.getName().contains("Natural"); // Agrona's output for negative numbers is undefined
        return Arrays.stream(method.getParameterTypes())
                .map(type -> argumentOf(type, random))
                .map(argument ->
                        isNatural && argument instanceof Long value ? Long.valueOf(value & Long.MAX_VALUE) : argument)
                .toArray();
    }

    private static @Nullable Object argumentOf(Class<?> type, SplittableRandom random) {
        if (type == int.class) {
            return switch (random.nextInt(8)) {
                case 0 -> random.nextInt(-3, CAPACITY + 4);
                case 1 -> random.nextInt() >>> random.nextInt(1, 31);
                case 2 -> Integer.MAX_VALUE - random.nextInt(10);
                default -> random.nextInt(0, 20);
            };
        }
        if (type == ByteOrder.class) {
            return random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        }
        if (type == byte[].class) {
            return randomBytes(random);
        }
        if (type == ByteBuffer.class) {
            byte[] bytes = randomBytes(random);
            ByteBuffer buffer =
                    random.nextBoolean() ? ByteBuffer.allocate(bytes.length) : ByteBuffer.allocateDirect(bytes.length);
            return buffer.put(bytes).flip().position(random.nextInt(3));
        }
        if (type == DirectBuffer.class || type == MutableDirectBuffer.class) {
            byte[] bytes = randomBytes(random);
            if (random.nextBoolean()) {
                return new UnsafeBuffer(bytes, 2, bytes.length - 3);
            }
            return new UnsafeBuffer(
                    ByteBuffer.allocateDirect(bytes.length).put(bytes).limit(3), 2, bytes.length - 3);
        }
        if (type == Appendable.class) {
            return new StringWriter();
        }
        if (type == String.class || type == CharSequence.class) {
            return random.nextInt(8) == 0 ? null : TEXTS[random.nextInt(TEXTS.length)];
        }
        return scalarOf(type, random);
    }

    private static byte[] randomBytes(SplittableRandom random) {
        byte[] bytes = new byte[random.nextInt(4, 30)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static Object scalarOf(Class<?> type, SplittableRandom random) {
        return switch (type.getSimpleName()) {
            case "byte" -> (byte) random.nextInt();
            case "short" -> (short) random.nextInt();
            case "char" -> (char) random.nextInt();
            case "long" -> random.nextLong() >> random.nextInt(64);
            case "float" -> (float) random.nextDouble();
            case "double" -> random.nextDouble();
            case "Object" -> "something else";
            default -> throw new AssertionError("no argument of " + type);
        };
    }
}
