import { expect, test } from 'vitest';
import {
  axisStep,
  axisText,
  bootSpan,
  type History,
  historiesOf,
  momentAt,
  timelineHtml,
  timelineOf,
  timelineSvg,
  wallAt,
} from '../src/index.js';
import { Recorder } from './helpers/recorder.js';

const only = ({ lines }: Recorder): History => {
  const [history] = historiesOf(lines);
  if (history === undefined) throw new Error('no history');
  return history;
};

const boot = () => {
  const recorder = new Recorder({
    web: 'start on net-up\npre-start exec prepare\nexec web',
    dies: 'start on startup\nrespawn\nexec dies',
  });
  recorder.pass(10).emit('startup').started('dies').pass(30).ended('dies', { kind: 'signalled', signal: 11 });
  recorder.started('dies').pass(20).emit('net-up', ['A=<b>']).started('web', 'pre-start').pass(40);
  return recorder.ended('web', { kind: 'exited', code: 0 }, 'pre-start').pass(5).started('web').pass(100);
};

test('a row for each instance with a bar for each run; states that take no time are left out', () => {
  const history = only(boot().emit('end'));
  const { rows, marks, lengthMs } = timelineOf(history, { from: 1000, to: 1200 }, true);
  const bars = rows.map(({ label, bars: of }) => [
    label,
    ...of.map(({ from, to, stretches, isOpen, end }) => [
      from,
      to,
      isOpen,
      end.kind,
      ...stretches.map((stretch) => `${stretch.state} ${stretch.from}-${stretch.to}`),
    ]),
  ]);
  expect(bars).toEqual([
    ['dies', [10, 40, false, 'crashed', 'running 10-40'], [40, 200, true, 'running', 'running 40-200']],
    ['web', [60, 200, true, 'running', 'pre-start 60-100', 'spawned 100-105', 'running 105-200']],
  ]);
  expect(lengthMs).toBe(200);
  expect(marks.map(({ at, text }) => [at, text])).toEqual([
    [10, 'startup'],
    [60, 'net-up A=<b>'],
  ]);
});

test('a span cuts bars and leaves out what lies beside it', () => {
  const history = only(boot().emit('end'));
  const { rows, marks } = timelineOf(history, { from: 1020, to: 1050 }, true);
  expect(rows.flatMap(({ label, bars }) => bars.map(({ from, to }) => [label, from, to]))).toEqual([
    ['dies', 0, 20],
    ['dies', 20, 30],
  ]);
  expect(marks).toEqual([]);
});

test('a boot is drawn until its last job was up, and a little longer', () => {
  const recorder = new Recorder({ web: 'start on startup\nexec web' }).emit('startup').pass(100).started('web');
  const history = only(recorder.pass(9000).emit('later'));
  expect(bootSpan(history)).toEqual({ from: 1000, to: 1105 });
});

test('a time is found by the wall clock of the first line', () => {
  const history = only(boot());
  expect(history.from.time).toBe('2026-01-01T00:00:01.000Z');
  const times = ['2026-01-01T00:00:03', '2026-01-01T00:00:01.500Z', '2026', '2026-01-01T00:01'];
  expect(times.map((time) => momentAt(history, time))).toEqual([3000, 1500, 0, 60_000]);
});

test('a clock on the wall that was set counts from there on, both ways', () => {
  const { lines } = boot().pass(1000).emit('set').pass(1000).emit('end');
  const wrong = lines.map((line) => (line.at < 2200 ? { ...line, time: line.time.replace('2026', '1970') } : line));
  const [history] = historiesOf(wrong);
  if (history === undefined) throw new Error('no history');
  for (const [at, time] of [
    [1500, '1970-01-01T00:00:01.500Z'],
    [2500, '2026-01-01T00:00:02.500Z'],
    [9000, '2026-01-01T00:00:09.000Z'],
  ] as const) {
    expect([wallAt(history, at), momentAt(history, time)]).toEqual([time, at]);
  }
});

test('an image has every bar with its phases, and nothing in it is markup of somebody else', () => {
  const svg = timelineSvg(timelineOf(only(boot()), { from: 1000, to: 1200 }, true));
  expect(svg.match(/data-bar="[^"]+"/g)).toEqual(['data-bar="0.0"', 'data-bar="0.1"', 'data-bar="1.0"']);
  expect(svg).toContain('net-up A=&lt;b&gt;');
  expect(svg).toContain('<path class="crashed"');
  expect(svg).not.toContain('<b>');
});

test('a long name is cut in an image, and whole in its tooltip', () => {
  const recorder = new Recorder({ web: 'start on a\ninstance $X\nexec web' });
  const long = 'x'.repeat(3000);
  recorder.emit('a', [`X=${long}`]);
  const svg = timelineSvg(timelineOf(only(recorder), { from: 1000, to: 1100 }, true));
  expect(svg).toContain(`>web (${'x'.repeat(54)}…<title>web (${long})</title></text>`);
  expect(svg).toContain(`>a X=${'x'.repeat(55)}…</text>`);
});

test('a page stands alone: the data of all bars is in it, and no address', () => {
  const recorder = new Recorder({ web: 'start on a\nexec web' });
  recorder.emit('a', ['X=</script><script>alert(1)</script>']).started('web');
  const history = only(recorder);
  const html = timelineHtml(history, timelineOf(history, { from: 1000, to: 1100 }, true));
  expect(html.match(/<script/g)).toHaveLength(2);
  expect(html.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);
  const data = JSON.parse(/<script id="bars"[^>]*>(.*?)<\/script>/s.exec(html)?.[1] ?? '');
  expect(data['0.0'].facts).toContain('running: 0.000 s to 0.100 s');
  expect(data['0.0'].causes[0]).toContain('event a X=</script><script>alert(1)</script>');
});

test.each([
  [1000, 10, 100, '0.1 s'],
  [950, 10, 100, '0.1 s'],
  [86_400_000, 10, 10_000_000, '10000 s'],
  [3, 10, 0.5, '0.001 s'],
])('the axis of %d ms with %d points has a step of %d ms', (length, count, step, text) => {
  expect(axisStep(length, count)).toBe(step);
  expect(axisText(step, step)).toBe(text);
});
