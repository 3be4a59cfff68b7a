/** Runs a set of benchmarks, keeps the results as JSON, and makes a page and a table of them. */
@NullMarked
package io.sendbuffer.benchmarks.report;

import org.jspecify.annotations.NullMarked;
