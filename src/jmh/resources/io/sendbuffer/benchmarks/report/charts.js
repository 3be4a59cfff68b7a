'use strict';
const made = [];
const allContenders = [...new Set(['sendbuffer', ...data.results.map((row) => seriesOf(row.result))])];

/** Ours may run in several modes, which are contenders of their own in a chart. */
function seriesOf(result) {
  const mode = result.params.mode;
  return mode && result.contender === 'sendbuffer' ? `${result.contender}, ${mode}` : result.contender;
}

function cellOf(result) {
  const params = { ...result.params };
  delete params.mode;
  return paramsText(params);
}

function colorOf(series) {
  return COLORS[allContenders.indexOf(series) % COLORS.length];
}

function css(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function addChart(parent, title, height, config) {
  parent.append(element('h3', title));
  const box = element('div', undefined, 'chart');
  box.style.height = `${height}px`;
  const canvas = element('canvas');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', title);
  box.append(canvas);
  parent.append(box);
  made.push(new Chart(canvas, config));
}

function axis(title, more) {
  return {
    title: { display: Boolean(title), text: title, color: css('--soft') },
    ticks: { color: css('--text') },
    grid: { color: css('--line') },
    border: { color: css('--line') },
    ...more,
  };
}

function options(scales, tooltip, more) {
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    scales,
    plugins: {
      legend: { position: 'bottom', labels: { color: css('--text'), boxWidth: 14 } },
      tooltip: { callbacks: { label: tooltip } },
    },
    ...more,
  };
}

function tooltipOf(row, series) {
  return `${series}: ${number(row.median)} ${row.result.unit} (${number(row.min)} – ${number(row.max)})`;
}

/** One group for each cell, one bar for each contender; logarithmic where the bars would else be too unequal. */
function barChart(parent, title, rows) {
  const cells = [...new Set(rows.map((row) => cellOf(row.result)))];
  const bySeries = groupBy(rows, (row) => seriesOf(row.result));
  const datasets = [...bySeries].map(([series, own]) => {
    const found = cells.map((cell) => own.find((row) => cellOf(row.result) === cell));
    return {
      label: series,
      rows: found,
      data: found.map((row) => (row ? row.median : null)),
      backgroundColor: colorOf(series),
      maxBarThickness: 22,
      skipNull: true,
    };
  });
  const values = rows.map((row) => row.median);
  const unequal = Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) > 50;
  const unit = rows[0].result.unit + (unequal ? ' (logarithmic)' : '');
  const scales = { x: axis(unit, { type: unequal ? 'logarithmic' : 'linear', beginAtZero: true }), y: axis('') };
  const height = 110 + rows.length * 20 + cells.length * 14;
  addChart(parent, title, height, {
    type: 'bar',
    data: { labels: cells.map((cell) => cell.split(', ')), datasets },
    options: options(scales, (item) => tooltipOf(item.dataset.rows[item.dataIndex], item.dataset.label), {
      indexAxis: 'y',
    }),
  });
}

/** Each contender is a line over the percentiles. */
function lineChart(parent, title, rows) {
  const metrics = PERCENTILES.filter((metric) => rows.some((row) => row.result.metric === metric));
  const datasets = [...groupBy(rows, (row) => seriesOf(row.result))].map(([series, own]) => {
    const found = metrics.map((metric) => own.find((row) => row.result.metric === metric));
    return {
      label: series,
      rows: found,
      data: found.map((row) => (row ? row.median : null)),
      borderColor: colorOf(series),
      backgroundColor: colorOf(series),
      tension: 0.2,
    };
  });
  const scales = { x: axis(''), y: axis(`${rows[0].result.unit} (logarithmic)`, { type: 'logarithmic' }) };
  addChart(parent, title, 380, {
    type: 'line',
    data: { labels: metrics, datasets },
    options: options(scales, (item) => tooltipOf(item.dataset.rows[item.dataIndex], item.dataset.label), {
      interaction: { mode: 'index', intersect: false },
    }),
  });
}

function showCharts() {
  made.splice(0).forEach((chart) => chart.destroy());
  const charts = document.getElementById('charts');
  charts.replaceChildren();
  for (const [suite, rows] of groupBy(data.results, (row) => row.result.suite)) {
    charts.append(element('h2', SUITES[suite] || suite));
    if (suite === 'latency') {
      groupBy(rows, (row) => cellOf(row.result)).forEach((own, cell) => lineChart(charts, cell, own));
    } else {
      groupBy(rows, (row) => `${row.result.job}: ${row.result.metric}`)
        .forEach((own, title) => barChart(charts, title, own));
    }
  }
}

showMachine(data.machine);
showGoals(data.goals);
showResults(data.results);
showCharts();
dark.addEventListener('change', showCharts);
