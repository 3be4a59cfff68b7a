'use strict';
// Texts of the results enter the page only as text nodes, never as markup.
const data = JSON.parse(document.getElementById('data').textContent);
const dark = matchMedia('(prefers-color-scheme: dark)');

// In the order in which a chart shows them. Pools and transports never share a chart, so they may share colors.
const COLORS = {
  sendbuffer: '#2f7ed8',
  floor: '#7d8a96',
  'netty-nio': '#e07b27',
  'netty-epoll': '#d1495b',
  'netty-io_uring': '#b59b00',
  'netty-adaptive': '#e07b27',
  'netty-pooled': '#d1495b',
  netty: '#e07b27',
  jetty: '#1fa187',
  copy: '#8a63d2',
  direct: '#8a63d2',
  heap: '#c35aa8',
};
const OTHER_COLORS = ['#5c8a3a', '#a0673f', '#4c9fb0', '#9c4f7c'];
const SUITES = {
  memory: 'Memory',
  micro: 'Microbenchmarks',
  fanout: 'Fan-out over sockets',
  latency: 'Latency',
};
const OUTCOMES = { MET: 'met', NOT_MET: 'not met', NOT_MEASURED: 'not measured' };
const PERCENTILES = ['p50', 'p90', 'p99', 'p99.9', 'p99.99', 'max'];

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function number(value) {
  const size = Math.abs(value);
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(item);
  }
  return groups;
}

function paramsText(params) {
  return Object.entries(params)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function showMachine(machine) {
  const list = document.getElementById('machine');
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const time = `${Math.floor(machine.seconds / 60)} min ${machine.seconds % 60} s`;
  const rows = {
    Run: `${machine.date}, set: ${machine.set}, ${time}`,
    Processor: `${machine.cores} × ${machine.cpu}`,
    JVM: machine.jdk,
    System: machine.os,
    Versions: versions.join(', '),
  };
  for (const [name, value] of Object.entries(rows)) list.append(element('dt', name), element('dd', value));
}

function fillTable(id, head, rows) {
  const table = document.getElementById(id);
  const headRow = element('tr');
  head.forEach(([text, className]) => headRow.append(element('th', text, className)));
  const thead = element('thead');
  thead.append(headRow);
  const body = element('tbody');
  body.append(...rows);
  table.append(thead, body);
}

function figureCell(figure, withName) {
  if (!figure) return element('td', '–', 'number');
  const unit = figure.unit.split('/')[0].replace('ratio', '×');
  const cell = element('td', `${number(figure.value)} ${unit}`, 'number');
  const spread = figure.spread > 0 ? `± ${(figure.spread * 100).toFixed(0)}%` : '';
  const by = [withName ? figure.contender : '', spread].filter(Boolean).join(' ');
  if (by) cell.append(element('span', by, 'by'));
  return cell;
}

function ratioText(ratio) {
  if (!ratio) return '–';
  const spread = ratio.high > ratio.low ? ` (${number(ratio.low)}–${number(ratio.high)})` : '';
  return number(ratio.value) + spread;
}

function goalRow(goal) {
  const row = element('tr');
  const outcome = element('td');
  outcome.append(element('span', OUTCOMES[goal.outcome], `badge ${goal.outcome}`));
  row.append(
    element('td', goal.what, 'what'),
    figureCell(goal.ours, false),
    figureCell(goal.peer, true),
    figureCell(goal.floor, false),
    element('td', ratioText(goal.ratio), 'number'),
    element('td', goal.goal, 'goal'),
    outcome,
  );
  return row;
}

function showGoals(goals) {
  const counts = Object.entries(OUTCOMES).map(
    ([key, text]) => `${goals.filter((goal) => goal.outcome === key).length} ${text}`);
  document.getElementById('summary').textContent = `${goals.length} conditions: ${counts.join(', ')}.`;
  const head = [
    ['what'], ['ours', 'number'], ['best peer', 'number'], ['floor', 'number'], ['ratio', 'number'], ['goal'], ['met'],
  ];
  fillTable('goals', head, goals.map(goalRow));
}

function showResults(rows) {
  const head = [
    ['suite'], ['job'], ['parameters'], ['contender'], ['metric'], ['median', 'number'], ['min', 'number'],
    ['max', 'number'], ['unit'], ['turns', 'number'],
  ];
  fillTable('results', head, rows.map((row) => {
    const { suite, job, params, contender, metric, unit, samples } = row.result;
    const line = element('tr');
    [suite, job, paramsText(params), contender, metric].forEach((text) => line.append(element('td', text)));
    [row.median, row.min, row.max].forEach((value) => line.append(element('td', number(value), 'number')));
    line.append(element('td', unit), element('td', samples.length, 'number'));
    return line;
  }));
}
