package io.sendbuffer.benchmarks.micro;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** Acquire, write 8 bytes, seal, release, on one thread, with nothing else alive. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Pool.JMH_EXECUTOR, Pool.JMH_EXECUTOR_CLASS})
public class LifeBenchmark {
    @Param({"sendbuffer", "netty-adaptive", "netty-pooled", "jetty", "direct", "heap"})
    public String contender = "";

    @Param({"64", "512", "4096", "65536"})
    public int length;

    private Pool pool = Pool.named("heap");
    private long value;

    @Setup(Level.Trial)
    public void open() {
        pool = Pool.named(contender);
    }

    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }

    @Benchmark
    @Threads(1)
    public Object oneThread() {
        return live();
    }

    @Benchmark
    @Threads(2)
    public Object twoThreads() {
        return live();
    }

    @Benchmark
    @Threads(8)
    public Object eightThreads() {
        return live();
    }

    private Object live() {
        Object buffer = pool.acquire(length, value);
        pool.release(buffer);
        return buffer; // consumed by JMH, so that no buffer is optimized away
    }
}
