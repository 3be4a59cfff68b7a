/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.openjdk.jol.info.ClassLayout;
import org.openjdk.jol.info.FieldLayout;

/** Where the JVM really puts a chunk's fields; only JOL can show that, which the library's own tests have not. */
final class ChunkLayoutTest {
    /** Two lines, since processors fetch them in pairs. */
    private static final long APART = 128;

    private static final Set<String> OWNERS = Set.of("slices", "sliceCount", "position", "allocated");

    private final List<FieldLayout> fields = fieldsOf(Chunk.class);

    @Test
    void shouldKeepTheWordThatReleasesCountDownApartFromAllOthers() {
        List<FieldLayout> live = named(Set.of("live"));
        assertEquals(1, live.size());
        fields.stream()
                .filter(field -> !isPadding(field) && !field.name().equals("live"))
                .forEach(field -> assertApart(live.get(0), field));
    }

    @Test
    void shouldKeepTheOwnersFieldsApartFromThoseThatAllRead() {
        List<FieldLayout> read = named(Set.of("memory", "store", "views", "allocator"));
        assertEquals(4, read.size());
        List<FieldLayout> owners = named(OWNERS);
        assertEquals(OWNERS.size(), owners.size());
        owners.forEach(field -> read.forEach(other -> assertApart(field, other)));
    }

    private static void assertApart(FieldLayout one, FieldLayout other) {
        long between = one.offset() < other.offset()
                ? other.offset() - (one.offset() + one.size())
                : one.offset() - (other.offset() + other.size());
        assertTrue(between >= APART, one + " and " + other + " are " + between + " bytes apart");
    }

    private List<FieldLayout> named(Set<String> names) {
        return fields.stream().filter(field -> names.contains(field.name())).toList();
    }

    private static boolean isPadding(FieldLayout field) {
        return field.name().matches("p\\d\\d");
    }

    private static List<FieldLayout> fieldsOf(Class<?> type) {
        return List.copyOf(ClassLayout.parseClass(type).fields());
    }
}
