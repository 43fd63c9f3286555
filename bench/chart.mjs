// The chart of the README: deliveries for each second of the server's CPU, in a crowded room and in
// many small ones. Bars with their figures beside them, large enough for a phone, in the colours
// of the page around it.

import { SERVERS } from './servers.mjs';

const PANELS = {
  a: ({ a }) => `One room of ${a.members.toLocaleString('en-US')}`,
  b: ({ b }) => `${b.rooms} rooms of ${b.members}`,
};

const WIDTH = 480;
const MARGIN = 16;
const TITLE_HEIGHT = 58;
const PANEL_HEAD = 40;
const ROW = 46;
const BAR_TOP = 20;
const BAR_HEIGHT = 14;
/** Beside the longest bar its figure still has room. */
const BAR_MAX = WIDTH - 2 * MARGIN - 76;

const STYLE = `
    text { font-family: system-ui, sans-serif; font-size: 15px; fill: #1f2328; }
    .title { font-size: 18px; font-weight: 600; }
    .panel { font-size: 16px; font-weight: 600; }
    .quiet { fill: #59636e; }
    .ours { fill: #0a7d5a; }
    .peer { fill: #8c959f; }
    .limit { fill: #b08800; }
    .ground { fill: #ffffff; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .quiet { fill: #9198a1; }
      .ours { fill: #3fb68b; }
      .peer { fill: #6e7681; }
      .limit { fill: #d4a72c; }
      .ground { fill: #0d1117; }
    }`;

/** From a run's rows by scenario; a server without a figure has no bar. */
export function chartOf(run, sizes) {
  const parts = [];
  const told = [];
  let top = TITLE_HEIGHT;
  for (const [id, titleOf] of Object.entries(PANELS)) {
    const title = titleOf(sizes);
    const bars = barsOf(run.get(id) ?? new Map());
    if (bars.length === 0) continue;
    parts.push(panel(title, bars, top));
    told.push(`${title}: ${bars.map(({ name, value }) => `${name} ${figure(value)}`).join(', ')}.`);
    top += PANEL_HEAD + bars.length * ROW;
  }
  const height = top + MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc">
  <title id="title">Deliveries per second of server CPU</title>
  <desc id="desc">${escaped(told.join(' '))}</desc>
  <style>${STYLE}
  </style>
  <rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>
  <text class="title" x="${MARGIN}" y="30">Deliveries per second of server CPU</text>
  <text class="quiet" x="${MARGIN}" y="50">one core, messages of ${sizes.bytes} bytes; longer is better</text>
${parts.join('\n')}
</svg>
`;
}

function barsOf(rows) {
  return [...rows]
    .filter(([, { deliveriesPerCpuSecond }]) => deliveriesPerCpuSecond > 0)
    .map(([name, { deliveriesPerCpuSecond }]) => ({
      kind: name.startsWith('ours') ? 'ours' : name.startsWith('limit') ? 'limit' : 'peer',
      name: SERVERS[name].title,
      value: deliveriesPerCpuSecond,
    }));
}

function panel(title, bars, top) {
  const most = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map(({ kind, name, value }, at) => {
    const y = top + PANEL_HEAD + at * ROW;
    const length = Math.max(1, Math.round((value / most) * BAR_MAX));
    return `  <text x="${MARGIN}" y="${y + BAR_TOP - 6}">${escaped(name)}</text>
  <rect class="${kind}" x="${MARGIN}" y="${y + BAR_TOP}" width="${length}" height="${BAR_HEIGHT}" rx="2"/>
  <text class="quiet" x="${MARGIN + length + 8}" y="${y + BAR_TOP + BAR_HEIGHT - 2}">${figure(value)}</text>`;
  });
  return `  <text class="panel" x="${MARGIN}" y="${top + 26}">${title}</text>\n${rows.join('\n')}`;
}

function figure(value) {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  return value >= 10_000 ? `${Math.round(value / 1_000)} k` : `${(value / 1_000).toFixed(1)} k`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
