package io.sendbuffer.benchmarks;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file of results: a JSON array, one object for each. */
public final class Results {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private Results() {}

    public static void write(Path file, List<Result> results) throws IOException {
        try (Writer writer = Files.newBufferedWriter(file)) {
            GSON.toJson(results, writer);
        }
    }

    public static List<Result> read(Path file) throws IOException {
        try (Reader reader = Files.newBufferedReader(file)) {
            return GSON.fromJson(reader, new TypeToken<List<Result>>() {}.getType());
        }
    }
}
