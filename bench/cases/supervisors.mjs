import { join } from 'node:path';
import { beginLife } from '../lib/life.mjs';
import { median } from '../lib/measure.mjs';
import { missing, PEERS } from '../lib/peers.mjs';
import { runWorker } from '../lib/process.mjs';
import { align, ms } from '../lib/report.mjs';

export const name = 'supervisors';
export const description = 'boot, memory, respawn, wake-ups and stop of 10 to 3000 services, beside other supervisors';

const SIZES = [10, 100, 1000, 3000];
/** Only ours and the reference have as many. */
const LARGEST_OF_PEERS = 1000;
const ROUNDS = 3;
const RESPAWNS = 10;
const IDLE_MS = 30_000;

/** The least that has to be done: every process made by C, until the last main() runs. */
const bare = async ({ directory, native, signal }, count) => {
  const program = native('spawn-services');
  const fifo = join(directory(), 'fifo');
  return runWorker([program, String(count), native('service'), fifo], { signal });
};

/** One life of one peer: boot, and, where it is asked for, the rest. */
const measureLife = async (context, peer, count, detailed) => {
  const { directory, defer } = context;
  const folder = directory();
  const service = context.service;
  const command = peer.prepare(folder, count, service);
  const life = await beginLife({ folder, count, command, defer, service });
  try {
    const result = { bootMs: life.bootMs, memoryMiB: await life.memory() };
    if (detailed) {
      result.wakeUps = await life.wakeUps(IDLE_MS);
      result.respawnMs = [];
      for (let number = 0; number < RESPAWNS; number += 1) result.respawnMs.push(await life.respawn());
    }
    result.stopMs = await life.stop(peer.stop, peer.stopWith?.(folder));
    return result;
  } finally {
    life.end();
  }
};

const summary = (label, count, lives, bootMs) => ({
  label,
  count,
  bootMs: median(lives.map((life) => life.bootMs)),
  ratio: median(lives.map((life, round) => life.bootMs / bootMs[round])),
  memoryMiB: median(lives.map(({ memoryMiB }) => memoryMiB)),
  stopMs: median(lives.map(({ stopMs }) => stopMs)),
  respawnMs: median(lives.flatMap(({ respawnMs = [] }) => respawnMs)),
  wakeUps: median(lives.flatMap(({ wakeUps = [] }) => wakeUps)),
});

const SAID = new Set();
const sayOnce = (text) => {
  if (!SAID.has(text)) process.stderr.write(`${text}\n`);
  SAID.add(text);
};

const here = PEERS.filter((peer) => {
  const lacks = missing(peer);
  return lacks.length === 0;
});

const takingPart = (count) =>
  here.filter(({ name: peer, most = Number.POSITIVE_INFINITY }) => {
    if (count > LARGEST_OF_PEERS && peer !== 'maverick') return false;
    return count <= most;
  });

/** All peers in turns, so that a slow moment of the machine hits all of them. */
const measureSize = async (context, count, rounds) => {
  const peers = takingPart(count);
  const lives = new Map(peers.map(({ name: peer }) => [peer, []]));
  const bareMs = [];
  for (let round = 0; round < rounds; round += 1) {
    bareMs.push(await bare(context, count));
    for (const peer of peers) {
      const detailed = round === 0 && count === 100;
      lives.get(peer.name).push(await measureLife(context, peer, count, detailed));
    }
  }
  context.add({ label: 'posix_spawn', count, bootMs: median(bareMs), ratio: 1 });
  for (const [peer, measured] of lives) context.add(summary(peer, count, measured, bareMs));
};

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async (context) => {
  for (const peer of PEERS) {
    const lacks = missing(peer);
    if (lacks.length > 0) sayOnce(`supervisors: ${peer.name} is left out, there is no ${lacks.join(', ')} here`);
  }
  const service = context.native('service');
  for (const count of SIZES) await measureSize({ ...context, service }, count, context.wantedRounds ?? ROUNDS);
};

const cell = (value, show = ms) => (value === undefined || Number.isNaN(value) ? '' : show(value));

/** The rows of this case as text. */
export const table = (rows) => {
  const head = ['services', '', 'boot ms', '/ bare', 'PSS MiB', 'stop ms', 'respawn ms', `wake-ups/${IDLE_MS / 1000}s`];
  const lines = rows.map((row) => [
    String(row.count),
    row.label,
    ms(row.bootMs),
    row.ratio.toFixed(2),
    cell(row.memoryMiB),
    cell(row.stopMs),
    cell(row.respawnMs),
    cell(row.wakeUps, String),
  ]);
  return align([head, ...lines]).join('\n');
};
