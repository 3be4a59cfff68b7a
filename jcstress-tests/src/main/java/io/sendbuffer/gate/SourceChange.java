/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.gate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

/**
 * What a mutant does to one source file. The lines that it replaces are found by their code, wherever they are:
 * comments may change, and other lines may move, without regard to the mutants.
 *
 * @param file relative to the library's checkout
 * @param replacements each replaces lines that occur once in the file; no two overlap
 */
record SourceChange(String file, List<Replacement> replacements) {
    static final String FILE = "File: ";

    private static final String OLD = "<<<<<<<";
    private static final String NEW = "=======";
    private static final String END = ">>>>>>>";

    /** Whole lines, each with its line ending. */
    record Replacement(String old, String replacement) {}

    /** Reads what follows the first lines of a mutant. */
    static List<SourceChange> in(String mutant, List<String> lines) throws IOException {
        List<SourceChange> changes = new ArrayList<>();
        Iterator<String> rest = lines.iterator();
        while (rest.hasNext()) {
            String line = rest.next();
            if (line.startsWith(FILE)) {
                changes.add(new SourceChange(line.substring(FILE.length()).strip(), new ArrayList<>()));
            } else if (line.equals(OLD)) {
                if (changes.isEmpty()) {
                    throw new IOException(mutant + ": write '" + FILE + "path' before the first " + OLD);
                }
                String old = linesUntil(NEW, rest, mutant);
                changes.get(changes.size() - 1).replacements().add(new Replacement(old, linesUntil(END, rest, mutant)));
            }
        }
        if (changes.isEmpty()) {
            throw new IOException(mutant + " changes nothing");
        }
        return changes;
    }

    private static String linesUntil(String end, Iterator<String> rest, String mutant) throws IOException {
        StringBuilder lines = new StringBuilder();
        while (rest.hasNext()) {
            String line = rest.next();
            if (line.equals(end)) {
                return lines.toString();
            }
            lines.append(line).append('\n');
        }
        throw new IOException(mutant + " ends before " + end);
    }

    /**
     * Returns the changed source.
     *
     * @throws IOException if the lines to replace are not there, or more than once
     */
    String applyTo(String mutant, String source) throws IOException {
        CodeLines lines = new CodeLines(source);
        TreeMap<Integer, Replacement> byStart = new TreeMap<>();
        TreeMap<Integer, CodeLines.Place> places = new TreeMap<>();
        for (Replacement replacement : replacements) {
            CodeLines.Place place = placeOf(replacement.old(), mutant, lines);
            byStart.put(place.start(), replacement);
            places.put(place.start(), place);
        }
        StringBuilder changed = new StringBuilder(source);
        places.descendingMap()
                .forEach((start, place) ->
                        changed.replace(start, place.end(), byStart.get(start).replacement()));
        return changed.toString();
    }

    private CodeLines.Place placeOf(String old, String mutant, CodeLines lines) throws IOException {
        List<CodeLines.Place> found = lines.find(new CodeLines(old));
        if (found.size() != 1) {
            throw new IOException(mutant + " does not apply: these lines are "
                    + (found.isEmpty() ? "not" : "more than once") + " in " + file + ":\n" + old);
        }
        return found.get(0);
    }
}
