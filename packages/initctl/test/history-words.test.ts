import { stripVTControlCharacters } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const LONG = 'x'.repeat(3000);
const daemon = liveDaemon({
  db: 'start on boot\nexec sleep 300\n',
  worker: 'start on work\ninstance $ID\nexec sleep 300\n',
});

const rowsOf = async (...terminals: readonly 1[]) => {
  const { stdout } = await run(['history'], { env: { ...daemon.env, LANG: 'C.UTF-8' }, terminals });
  return stripVTControlCharacters(stdout).trimEnd().split('\n');
};

beforeAll(async () => {
  await run(['emit', 'boot'], { env: daemon.env });
  await run(['emit', 'work', `ID=${LONG}`], { env: daemon.env });
}, 120_000);

test('a long instance cuts nothing of other rows, and is whole where no person looks', async () => {
  const [titles = '', db = '', worker = ''] = await rowsOf();
  expect(titles.length).toBeLessThan(200);
  expect(db).toMatch(/ {2}db +event boot +goes on$/);
  expect(db.length).toBeLessThan(200);
  expect(worker).toContain(`  worker (${LONG})  event work ID=${LONG}  goes on`);
});

test('on a terminal it is cut, too: all rows have columns', async () => {
  const rows = await rowsOf(1);
  expect(new Set(rows.slice(1).map((row) => row.indexOf('goes on'))).size).toBe(1);
  expect(rows[2]).toContain(`  worker (${'x'.repeat(51)}…  event work ID=${'x'.repeat(45)}…  goes on`);
});
