/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.sendbuffer.benchmarks.result.Machine;
import io.sendbuffer.benchmarks.result.Report;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The report as one file that needs no network: template, style, scripts and results combined. */
final class HtmlPage {
    /** Gson escapes {@code <}, {@code >} and {@code &} by default, so no text of a result ends the script. */
    private static final Gson GSON = new GsonBuilder().create();

    private HtmlPage() {}

    /** The data that the page's script reads. */
    private record Data(Machine machine, List<GoalLine> goals, List<Row> results) {}

    /** A result, with values that the page would otherwise have to compute. */
    private record Row(Result result, double median, double min, double max, double spread) {
        static Row of(Result result) {
            return new Row(
                    result,
                    result.median(),
                    result.min(),
                    result.max(),
                    Figure.of(result).spread());
        }
    }

    static String of(Report report, List<GoalLine> goals) throws IOException {
        Data data = new Data(
                report.machine(), goals, report.results().stream().map(Row::of).toList());
        Map<String, String> parts = Map.of(
                "/*STYLE*/", own("report.css"),
                "/*CHART*/",
                        withoutEndTag(read(
                                "/META-INF/resources/webjars/chart.js/" + chartVersion() + "/dist/chart.umd.min.js")),
                "/*SCRIPT*/", own("report.js") + own("charts.js"),
                "/*DATA*/", GSON.toJson(data));
        return fill(own("report.html"), parts);
    }

    /** In one pass: a placeholder in inserted text stays unchanged. */
    private static String fill(String template, Map<String, String> parts) {
        StringBuilder page = new StringBuilder();
        int from = 0;
        for (int at = template.indexOf("/*"); at >= 0; at = template.indexOf("/*", from)) {
            int end = template.indexOf("*/", at) + 2;
            String part = parts.get(template.substring(at, end));
            if (part == null) {
                throw new IllegalStateException("the template asks for " + template.substring(at, end));
            }
            page.append(template, from, at).append(part);
            from = end;
        }
        return page.append(template.substring(from)).toString();
    }

    private static String chartVersion() throws IOException {
        String properties = read("/META-INF/maven/org.webjars.npm/chart.js/pom.properties");
        return properties
                .lines()
                .filter(line -> line.startsWith("version="))
                .map(line -> line.substring("version=".length()).strip())
                .findFirst()
                .orElseThrow(() -> new IOException("the Chart.js on the class path has no version"));
    }

    private static String withoutEndTag(String script) {
        return script.replace("</script", "<\\/script");
    }

    private static String own(String name) throws IOException {
        return read("/io/sendbuffer/benchmarks/report/" + name);
    }

    private static String read(String resource) throws IOException {
        try (InputStream in = HtmlPage.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("not on the class path: " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
