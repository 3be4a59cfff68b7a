/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Runs a set of benchmarks, saves the results as JSON, and generates a page and a table from them. */
@NullMarked
package io.sendbuffer.benchmarks.report;

import org.jspecify.annotations.NullMarked;
