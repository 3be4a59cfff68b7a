/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.memory;

import io.sendbuffer.benchmarks.result.Result;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.openjdk.jol.info.GraphLayout;
import org.openjdk.jol.vm.VM;

/**
 * Sizes of object graphs, by JOL. Only differences of two sizes are meaningful: a graph includes many shared objects.
 */
final class HeapWalk {
    static {
        // JOL reads them once. The first: otherwise it cannot walk lambdas and records. The others: it asks the JVM for
        // the layout of objects and needs no agent for that, but looks for one, and says at length that there is none.
        System.setProperty("jol.magicFieldOffset", "true");
        System.setProperty("jol.skipDynamicAttach", "true");
        System.setProperty("jol.skipHotspotSAAttach", "true");
        PrintStream out = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            VM.current();
        } finally {
            System.setOut(out);
        }
    }

    private HeapWalk() {}

    /** The size of all reachable objects, in bytes. */
    static long size(Object... roots) {
        return GraphLayout.parseInstance(roots).totalSize();
    }

    /** Measures by how many bytes one more object of a kind makes the heap grow. */
    interface Growth {
        double measure(int things) throws Exception;
    }

    /**
     * Measures several times. The first two are discarded: they load classes, which are reachable too. So are caches of
     * the JVM, which come and go; the median excludes them.
     */
    static Result repeat(String job, String contender, String unit, MemorySettings settings, Growth growth)
            throws Exception {
        SortedMap<String, String> params = new TreeMap<>();
        params.put("things", String.valueOf(settings.things()));
        growth.measure(settings.things());
        growth.measure(settings.things());
        List<Double> samples = new ArrayList<>();
        for (int round = 0; round < settings.rounds(); round++) {
            samples.add(growth.measure(settings.things()));
        }
        return new Result("memory", job, params, contender, "heap", unit, samples);
    }
}
