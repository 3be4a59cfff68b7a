/** What a run found and where: the results, the file that keeps them, and what can be said of their samples. */
@NullMarked
package io.sendbuffer.benchmarks.result;

import org.jspecify.annotations.NullMarked;
