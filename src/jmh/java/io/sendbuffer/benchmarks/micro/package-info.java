/** Microbenchmarks: what one operation costs, beside the pools and buffers that people use now. */
@NullMarked
package io.sendbuffer.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
