'use strict';
const made = [];
const allContenders = [...new Set([...Object.keys(COLORS), ...data.results.map((row) => row.result.contender)])];
const MAX_CELLS = 16;

/** In a chart of lines, which share their points, a mode makes another line. */
function lineOf(result) {
  return result.params.mode ? `${result.contender}, ${result.params.mode}` : result.contender;
}

function withoutMode(params) {
  return Object.fromEntries(Object.entries(params).filter(([name]) => name !== 'mode'));
}

function cellOf(result) {
  return paramsText(result.params);
}

/** Parameters that are the same in all cells of a chart are shown once, above it. */
function commonTo(rows) {
  const [first, ...others] = rows.map((row) => Object.entries(row.result.params));
  return first.filter(([name, value]) => others.every((params) => params.some(([n, v]) => n === name && v === value)));
}

function labelOf(result, common) {
  const names = common.map(([name]) => name);
  const own = Object.entries(result.params).filter(([name]) => !names.includes(name));
  return own.map(([name, value]) => `${name} ${value}`);
}

/** Ours first, and the same order everywhere. */
function inOrder(rows) {
  const position = (row) => allContenders.indexOf(row.result.contender);
  return [...rows].sort((a, b) => position(a) - position(b));
}

function colorOf(contender) {
  return COLORS[contender] || OTHER_COLORS[allContenders.indexOf(contender) % OTHER_COLORS.length];
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

/** With a label at 1, 2 and 5 of each power of ten alone. */
function logarithmic(unit) {
  const label = (value) => (/^[125]e/.test(value.toExponential()) ? value.toLocaleString('en-US') : '');
  return axis(`${unit} (logarithmic)`, {
    type: 'logarithmic',
    ticks: { color: css('--text'), callback: label, maxRotation: 0 },
  });
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

/** One group for each cell, one bar for each contender; logarithmic where the bars would otherwise be too unequal. */
function barChart(parent, title, rows) {
  const cells = [...new Set(rows.map((row) => cellOf(row.result)))];
  const common = commonTo(rows);
  const datasets = [...groupBy(inOrder(rows), (row) => row.result.contender)].map(([series, own]) => {
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
  const { unit, metric } = rows[0].result;
  // Garbage is close to zero in some and large in others, and values close to zero should look so.
  const unequal = metric !== 'garbage' && Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) > 50;
  const scales = { x: unequal ? logarithmic(unit) : axis(unit, { beginAtZero: true }), y: axis('') };
  const labels = cells.map((cell) => labelOf(rows.find((row) => cellOf(row.result) === cell).result, common));
  const said = common.map(([name, value]) => `${name} ${value}`).join(', ');
  const height = 100 + rows.length * 20 + cells.length * 14;
  addChart(parent, said ? `${title} (${said})` : title, height, {
    type: 'bar',
    data: { labels, datasets },
    options: options(scales, (item) => tooltipOf(item.dataset.rows[item.dataIndex], item.dataset.label), {
      indexAxis: 'y',
    }),
  });
}

/** As many charts as it takes, each for other values of the first parameters. */
function barCharts(parent, title, rows) {
  const common = commonTo(rows).map(([name]) => name);
  const name = Object.keys(rows[0].result.params).find((param) => !common.includes(param));
  if (name && new Set(rows.map((row) => cellOf(row.result))).size > MAX_CELLS) {
    groupBy(rows, (row) => row.result.params[name]).forEach((own) => barCharts(parent, title, own));
  } else {
    barChart(parent, title, rows);
  }
}

/** Each contender is a line over the percentiles. */
function lineChart(parent, title, rows) {
  const metrics = PERCENTILES.filter((metric) => rows.some((row) => row.result.metric === metric));
  const datasets = [...groupBy(inOrder(rows), (row) => lineOf(row.result))].map(([series, own]) => {
    const { contender, params } = own[0].result;
    const found = metrics.map((metric) => own.find((row) => row.result.metric === metric));
    return {
      label: series,
      rows: found,
      data: found.map((row) => (row ? row.median : null)),
      borderColor: colorOf(contender),
      backgroundColor: colorOf(contender),
      borderDash: params.mode === 'loop' ? [6, 4] : [],
      tension: 0.2,
    };
  });
  const scales = { x: axis(''), y: logarithmic(rows[0].result.unit) };
  addChart(parent, title, 380, {
    type: 'line',
    data: { labels: metrics, datasets },
    options: options(scales, (item) => tooltipOf(item.dataset.rows[item.dataIndex], item.dataset.label), {
      interaction: { mode: 'index', intersect: false },
    }),
  });
}

/** The main metrics of a suite; the others are shown on request. */
const MAIN = ['time', 'cpu', 'heap', 'reserved'];

function showSuite(parent, rows) {
  const more = element('details');
  more.append(element('summary', 'Other metrics'));
  for (const [title, own] of groupBy(rows, (row) => `${row.result.job}: ${row.result.metric}`)) {
    const comparable = new Set(own.map((row) => row.result.contender)).size > 1;
    if (comparable) barCharts(MAIN.includes(own[0].result.metric) ? parent : more, title, own);
  }
  if (more.children.length > 1) parent.append(more);
}

function showCharts() {
  made.splice(0).forEach((chart) => chart.destroy());
  const charts = document.getElementById('charts');
  charts.replaceChildren();
  for (const [suite, rows] of groupBy(data.results, (row) => row.result.suite)) {
    charts.append(element('h2', SUITES[suite] || suite));
    if (suite === 'latency') {
      groupBy(rows, (row) => paramsText(withoutMode(row.result.params)))
        .forEach((own, cell) => lineChart(charts, cell, own));
    } else {
      showSuite(charts, rows);
    }
  }
}

showMachine(data.machine);
showGoals(data.goals);
showResults(data.results);
showCharts();
dark.addEventListener('change', showCharts);
