/** One server process, one process that reads and discards, many connections: what a message costs its sender. */
@NullMarked
package io.sendbuffer.benchmarks.fanout;

import org.jspecify.annotations.NullMarked;
