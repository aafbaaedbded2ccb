import { linkText } from './critical-chain.js';
import { escapeMarkup, scriptJson } from './escape-markup.js';
import type { History } from './history.js';
import { spanText } from './span-text.js';
import { causeLines, type Timeline } from './timeline.js';
import { barLines, spanOfBar, timelineSvg } from './timeline-svg.js';

const STYLE = `
body{margin:0;font:14px/1.4 system-ui,sans-serif;background:#fff;color:#222}
header{padding:.6em 1em;display:flex;gap:1em;align-items:center;flex-wrap:wrap;border-bottom:1px solid #ccc}
h1{font-size:1.1em;margin:0}main{overflow:auto;padding:.5em 0}
.bar{cursor:pointer}.bar:hover,.bar:focus,.chosen{outline:2px solid #0072b2}.hidden{display:none}
#causes{position:sticky;bottom:0;background:inherit;border-top:1px solid #ccc;padding:.5em 1em;max-height:40vh;overflow:auto}
#causes li{font-variant-numeric:tabular-nums}
@media (prefers-color-scheme:dark){body{background:#181818;color:#ddd}header,#causes{border-color:#444}input{background:#222;color:#ddd}}`;

/** What the page does by itself: a filter, and the causes of the bar that was chosen. */
const SCRIPT = `
const bars = JSON.parse(document.getElementById('bars').textContent);
const panel = document.getElementById('causes');
const choose = (bar) => {
  document.querySelectorAll('.chosen').forEach((one) => one.classList.remove('chosen'));
  bar.classList.add('chosen');
  const { title, facts, causes } = bars[bar.dataset.bar];
  const list = (tag, lines) => {
    const node = document.createElement(tag);
    for (const line of lines) node.append(Object.assign(document.createElement('li'), { textContent: line }));
    return node;
  };
  panel.replaceChildren(Object.assign(document.createElement('h2'), { textContent: title }), list('ul', facts), list('ol', causes));
};
for (const bar of document.querySelectorAll('.bar')) {
  bar.tabIndex = 0;
  bar.addEventListener('click', () => choose(bar));
  bar.addEventListener('keydown', (event) => { if (event.key === 'Enter') choose(bar); });
}
document.getElementById('filter').addEventListener('input', ({ target }) => {
  for (const row of document.querySelectorAll('.row')) row.classList.toggle('hidden', !row.dataset.job.includes(target.value));
});`;

const barFacts = (history: History, timeline: Timeline) => {
  const start = (history.began ?? history.from).at;
  return Object.fromEntries(
    timeline.rows.flatMap(({ label, bars }, row) =>
      bars.map((bar, index) => {
        const title = `${label}: ${spanOfBar(bar)}`;
        const causes = causeLines(
          history,
          bar,
          (link) =>
            `${spanText(link.from - start)} + ${link.isCut ? 'at least ' : ''}${spanText(link.to - link.from)}: ${linkText(history, link)}`,
        );
        return [`${row}.${index}`, { title, facts: barLines(bar), causes }];
      }),
    ),
  );
};

/** A timeline as a page of its own: it needs no other file, and no network. A bar that is chosen shows its causes. */
export const timelineHtml = (history: History, timeline: Timeline): string => {
  const title = `Timeline from ${timeline.time}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeMarkup(title)}</title><style>${STYLE}</style></head><body>
<header><h1>${escapeMarkup(title)}</h1><span>${spanText(timeline.lengthMs)}</span>
<label>Jobs: <input id="filter" type="search" placeholder="part of a name"></label></header>
<main>${timelineSvg(timeline)}</main>
<section id="causes" aria-live="polite">Choose a bar to see its causes.</section>
<script id="bars" type="application/json">${scriptJson(barFacts(history, timeline))}</script>
<script>${SCRIPT}</script></body></html>
`;
};
