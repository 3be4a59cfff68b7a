/** Microbenchmarks: the cost of one operation, compared with the pools and buffers in common use. */
@NullMarked
package io.sendbuffer.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
