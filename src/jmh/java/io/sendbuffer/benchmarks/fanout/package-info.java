/** One server process, one process that reads and discards, many connections: the cost of a message to its sender. */
@NullMarked
package io.sendbuffer.benchmarks.fanout;

import org.jspecify.annotations.NullMarked;
