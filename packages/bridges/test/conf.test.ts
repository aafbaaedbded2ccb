import { readdirSync, readFileSync } from 'node:fs';
import { connect as connectNet } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PROGRAMS } from '../src/program-table.js';
import { freePort, Scene, SOON } from './helpers/scene.js';

const CONF = join(import.meta.dirname, '../conf');

const files = readdirSync(CONF, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.conf'));

test('there are jobs', () => expect(files.length).toBeGreaterThan(1));

test.each(files)('%s tells when it is ready, is respawned, and says what it emits', (file) => {
  const text = readFileSync(join(CONF, file), 'utf8');
  for (const stanza of [/^description "/m, /^start on /m, /^stop on /m, /^expect notify$/m, /^respawn$/m, /^emits /m]) {
    expect(text).toMatch(stanza);
  }
});

test.each(files)('%s says the events that its bridge says', (file) => {
  const text = readFileSync(join(CONF, file), 'utf8');
  const said = [...text.matchAll(/^emits (.*)$/gm)].map(([, glob]) => glob);
  const [program = '', ...words] = /^exec (.*)$/m.exec(text)?.[1]?.split(' ') ?? [];
  // `--event local --path …` as the options of the program.
  const own = new Map(words.flatMap((word, place) => (word.startsWith('--') ? [[word, words[place + 1] ?? '']] : [])));
  const { event, emits = [event] } = PROGRAMS[program]?.kind({ user: words.includes('--user'), own }) ?? { event: '' };
  expect(said).toEqual(emits);
});

// That telinit(8) emits `runlevel` no job of ours says.

test('the job of the socket bridge as it is installed: check-config knows its event, and it works', async () => {
  const port = await freePort();
  const web = `start on socket PROTO=inet PORT=${port} ACCEPT=y\nexec echo hello`;
  const scene = await Scene.start({ bridge: 'socket', way: 'stock', jobs: { web } });
  expect(await scene.initctl('check-config', '--ignore-events=runlevel')).toBe('');
  const client = connectNet(port, '127.0.0.1');
  onTestFinished(() => {
    client.destroy();
  });
  let text = '';
  client.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  await expect.poll(() => text, SOON).toBe('hello\n');
  await scene.upstart.emit('runlevel', ['RUNLEVEL=0']);
  expect(await scene.state('upstart-socket-bridge')).toBe('');
});

test('the job of the time bridge as it is installed: check-config knows its event, and it works', async () => {
  const tick = 'start on time EVERY=100ms\ntask\nexec touch @HOME@/ticked';
  const scene = await Scene.start({ bridge: 'time', way: 'stock', jobs: { tick } });
  expect(await scene.initctl('check-config', '--ignore-events=runlevel')).toBe('');
  await expect.poll(() => readdirSync(scene.home), SOON).toContain('ticked');
  await scene.upstart.emit('runlevel', ['RUNLEVEL=0']);
  expect(await scene.state('upstart-time-bridge')).toBe('');
});

test.each([
  { bridge: 'file', event: 'file FILE=/etc/passwd EVENT=create' },
  { bridge: 'udev', event: 'net-device-added INTERFACE=lo' },
])('the job of the $bridge bridge as it is installed: check-config knows its event, and it works', async (row) => {
  const there = `start on ${row.event}\ntask\nexec touch @HOME@/done`;
  const scene = await Scene.start({ bridge: row.bridge, way: 'stock', jobs: { there } });
  expect(await scene.initctl('check-config', '--ignore-events=runlevel')).toBe('');
  await expect.poll(() => readdirSync(scene.home), SOON).toContain('done');
  await scene.upstart.emit('runlevel', ['RUNLEVEL=0']);
  expect(await scene.state(`upstart-${row.bridge}-bridge`)).toBe('');
});

test.each([
  { bridge: 'dbus', event: 'dbus SIGNAL=X' },
  { bridge: 'local', event: 'local a=b' },
  { bridge: 'session/upstart-event-bridge', event: ':sys:runlevel' },
  { bridge: 'session/upstart-dbus-session-bridge', event: 'dbus SIGNAL=X' },
  { bridge: 'session/upstart-dbus-system-bridge', event: 'dbus SIGNAL=X' },
  { bridge: 'session/upstart-file-bridge', event: 'file FILE=x' },
])('check-config knows the event of $bridge', async ({ bridge, event }) => {
  const file = bridge.includes('/') ? bridge : `upstart-${bridge}-bridge`;
  const job = readFileSync(join(CONF, `${file}.conf`), 'utf8');
  const scene = await Scene.start({ bridge: 'time', jobs: { its: job, wants: `start on ${event}\nexec true` } });
  const said = await scene.initctl('check-config', '--ignore-events=runlevel');
  // What starts it is told by others than bridges.
  expect(said).not.toMatch(/^wants/m);
});
