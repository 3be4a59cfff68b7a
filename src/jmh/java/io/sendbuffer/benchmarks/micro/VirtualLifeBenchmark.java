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

/** What {@link LifeBenchmark} does, on virtual threads, of which there are none before JDK 21. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsAppend = "-Djmh.executor=VIRTUAL")
public class VirtualLifeBenchmark {
    @Param({"sendbuffer", "netty-adaptive", "netty-pooled", "jetty", "direct", "heap"})
    public String contender = "";

    @Param({"64", "4096"})
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

    private Object live() {
        Object buffer = pool.acquire(length, value);
        pool.release(buffer);
        return buffer; // consumed by JMH, so that no buffer is optimized away
    }
}
