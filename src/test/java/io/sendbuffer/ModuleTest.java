/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.agrona.ErrorHandler;
import org.junit.jupiter.api.Test;

/** The tests run on the class path; this one uses the library as a module, as a modular server does. */
class ModuleTest {
    private static final String MODULE = "io.sendbuffer";
    private static final String INTERNAL = "io.sendbuffer.internal";

    @Test
    void shouldWorkAsANamedModuleAndExportItsFourPackagesOnly() throws Exception {
        ModuleFinder finder = ModuleFinder.of(whereIs(SendBufferPool.class), whereIs(ErrorHandler.class));
        ModuleLayer boot = ModuleLayer.boot();
        Configuration configuration = boot.configuration().resolve(finder, ModuleFinder.of(), Set.of(MODULE));
        ModuleLayer layer = boot.defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader());
        Module module = layer.findModule(MODULE).orElseThrow();

        assertEquals(
                Set.of("io.sendbuffer", "io.sendbuffer.frame", "io.sendbuffer.session", "io.sendbuffer.web"),
                module.getDescriptor().exports().stream().map(Exports::source).collect(Collectors.toSet()));
        assertTrue(module.getPackages().contains(INTERNAL));
        assertFalse(module.isExported(INTERNAL), "what is shared within the module is not part of its API");
        Class<?> poolType = layer.findLoader(MODULE).loadClass(SendBufferPool.class.getName());
        assertTrue(poolType.getModule().isNamed());
        acquireAndRelease(poolType);
    }

    private static void acquireAndRelease(Class<?> poolType) throws Exception {
        Object builder = poolType.getMethod("builder").invoke(null);
        Object pool = builder.getClass().getMethod("build").invoke(builder);
        try (AutoCloseable closing = (AutoCloseable) pool) {
            Object buffer = poolType.getMethod("acquire", int.class).invoke(closing, 64);
            Method release = buffer.getClass().getMethod("release");
            assertEquals(true, release.invoke(buffer), "the only reference was released");
        }
    }

    private static Path whereIs(Class<?> type) throws URISyntaxException {
        CodeSource source = Objects.requireNonNull(type.getProtectionDomain().getCodeSource());
        return Path.of(source.getLocation().toURI());
    }
}
