import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { JobExplanation, Reason } from '@maverick/engine';
import {
  arrivalOf,
  bootGraph,
  bootRuns,
  chainTo,
  type History,
  lastOfBoot,
  type ProcessFact,
  readHistories,
} from '@maverick/graph';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type LiveDaemon, startDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

/*
 * A boot of more than two hundred jobs, copies of our own examples: what the journal tells of it is held against what the kernel
 * told at the same time to somebody else.
 */

const COPIES = 18;
/** So many each `workers` starts. */
const WORKERS = 3 * COPIES;
const EXAMPLES = new URL('../../../examples/jobs/', import.meta.url);
/** Those that cycle for as long as they live, and those that do nothing without a person. */
const LEFT_OUT = new Set(['flaky', 'report']);

const examples = readdirSync(EXAMPLES).flatMap((file) => {
  const [, name] = /^(\w+)\.conf$/.exec(file) ?? [];
  return name === undefined || LEFT_OUT.has(name)
    ? []
    : [{ name, text: readFileSync(new URL(file, EXAMPLES), 'utf8') }];
});

/** The example under another name, on the copies of the jobs and events that it names. */
const copyOf = (text: string, copy: number): string => {
  const names = [...examples.map(({ name }) => name), 'refresh'].join('|');
  return text
    .split('\n')
    .map((line) =>
      /^\s*(?:start on|stop on|initctl|start |and |or |while)/.test(line)
        ? line.replace(new RegExp(`\\b(?:${names})\\b`, 'g'), `$&-${copy}`)
        : // Any port that is free.
          line.replaceAll('maverick-example', `maverick-example-${copy}`).replace('PORT=8642', 'PORT=0'),
    )
    .join('\n');
};

const jobs: Record<string, string> = {
  network: 'start on startup\ntask\nscript\n  sleep 0.1\n  initctl emit --no-wait net-up IFACE=eth0\nend script\n',
  // When all others are up, by the word of the daemon.
  conductor: `start on startup\ntask\nscript\n  until [ "$(initctl list | grep -c '^worker-.*start/running')" = ${WORKERS} ] && ! initctl list | grep '^[fcpw].*/' | grep -v '^conductor' | grep -qv 'start/running\\|stop/waiting'; do\n    sleep 0.2\n  done\n  initctl emit all-up\nend script\n`,
  'last-of-all': 'start on all-up\npre-start exec true\nexec sleep infinity\n',
};
for (let copy = 1; copy <= COPIES; copy += 1) {
  for (const { name, text } of examples) jobs[`${name}-${copy}`] = copyOf(text, copy);
  // So that there are two hundred: a watcher for each site, and what it needs.
  jobs[`watch-${copy}`] = `start on started web-${copy}\npre-start exec true\nexec sleep infinity\n`;
  jobs[`probe-${copy}`] = `start on starting watch-${copy}\ntask\nexec true\n`;
}

type KernelFact = { readonly what: string; readonly at: number; readonly pid: number; readonly status: number };

/** What must have become of which job's main process, by a reason. */
const causesIn = (reason: Reason): { readonly job: string; readonly instance: string; readonly fact: string }[] => {
  // Whose process has called, or has ended.
  if (reason.kind === 'input') return reason.by && reason.role === 'main' ? [{ ...reason.by, fact: 'fork' }] : [];
  if (reason.kind !== 'event') return [];
  return [reason, ...(reason.remembered ?? [])].flatMap(({ name, env }) => {
    if (name !== 'started' && name !== 'stopped') return [];
    const [job = '', instance = ''] = ['JOB=', 'INSTANCE='].map((key) =>
      env.find((entry) => entry.startsWith(key))?.slice(key.length),
    );
    return [{ job, instance, fact: name === 'stopped' ? 'exit' : 'fork' }];
  });
};

/** The kernel's word, in the order in which it came. */
const listen = async () => {
  const script = join(import.meta.dirname, 'fixtures/process-events.py');
  const child = spawn('python3', [script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const facts: KernelFact[] = [];
  const lines = createInterface({ input: child.stdout });
  const isListening = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', () => resolve(false));
    lines.on('line', (line) => {
      const fact = JSON.parse(line) as KernelFact;
      if (fact.what === 'listening') resolve(true);
      else facts.push(fact);
    });
  });
  const stop = async (): Promise<void> => {
    const ended = once(lines, 'close');
    child.stdin.end();
    await ended;
  };
  return (await isListening) ? { facts, stop } : undefined;
};

const kernel = process.getuid?.() === 0 ? await listen() : undefined;
if (kernel === undefined) {
  console.log(
    'skipped: what the journal tells of a boot against the process events of the kernel (they need root and python3)',
  );
}

describe.skipIf(kernel === undefined)('a boot of two hundred jobs', { timeout: 120_000 }, () => {
  let daemon: LiveDaemon | undefined;
  let history: History;
  let facts: readonly KernelFact[] = [];

  /** When the kernel said this of a process of the boot; of a number that is used again the first time from then on. */
  const kernelAt = (what: string, { pid, askedAt }: ProcessFact): number | undefined =>
    facts.find((fact) => fact.what === what && fact.pid === pid && fact.at >= askedAt)?.at;
  const known = (at: number | undefined): number => {
    if (at === undefined) throw new Error('the kernel has not told of it');
    return at;
  };

  beforeAll(async () => {
    // Jobs call initctl.
    vi.stubEnv('PATH', `${join(import.meta.dirname, '../../../node_modules/.bin')}:${process.env['PATH']}`);
    daemon = await startDaemon(jobs);
    const { env, folder } = daemon;
    await run(['emit', '--no-wait', 'startup'], { env });
    const status = async () => (await run(['status', 'last-of-all'], { env })).stdout;
    const conductor = async () => (await run(['status', 'conductor'], { env })).stdout;
    await vi.waitFor(
      async () => {
        expect(await status()).toMatch(/start\/running/);
        expect(await conductor()).toMatch(/stop\/waiting/);
      },
      { timeout: 100_000, interval: 200 },
    );
    await run(['journal', '-n', '1'], { env });
    await kernel?.stop();
    facts = kernel?.facts ?? [];
    const [read] = readHistories(join(folder, '.local/state/upstart/journal'), 0);
    if (read === undefined) throw new Error('no journal');
    history = read;
  }, 120_000);
  afterAll(() => daemon?.stop(), 60_000);

  test('is one of two hundred jobs', () => {
    expect(new Set(bootRuns(history).map(({ ref }) => ref.job)).size).toBeGreaterThanOrEqual(200);
    expect(history.lostLines).toBe(0);
  });

  test('every process was forked after it was asked for, executed before it was told of, and ended as is told', () => {
    const processes = [...history.processes.values()].filter(({ startedAt }) => startedAt !== undefined);
    expect(processes.length).toBeGreaterThan(200);
    for (const process of processes) {
      const forked = known(kernelAt('fork', process));
      expect(forked).toBeGreaterThanOrEqual(process.askedAt);
      expect(forked).toBeLessThanOrEqual(process.startedAt ?? 0);
      // The kernel tells of it when the new program is there already, which may be after the parent knows.
      expect(known(kernelAt('exec', process))).toBeGreaterThanOrEqual(forked);
      if (process.status === undefined || process.status.kind === 'unknown') continue;
      const exit = facts.find(({ what, pid, at }) => what === 'exit' && pid === process.pid && at >= process.askedAt);
      expect(known(exit?.at)).toBeLessThanOrEqual(process.endedAt ?? 0);
      expect(exit?.status).toBe(process.status.kind === 'exited' ? process.status.code << 8 : process.status.signal);
    }
  });

  test('critical-chain: each link of every chain begins after what the link before it ended with: with a fork, or an answer', () => {
    let checked = 0;
    let answered = 0;
    for (const one of bootRuns(history)) {
      const came = arrivalOf(one);
      let before = 0;
      for (const { process, input, from } of came ? chainTo(history, came.cause) : []) {
        if (process === undefined) continue;
        const forked = known(kernelAt('fork', process));
        // Who got an answer had been there before what held it up was over.
        const isAnswer = from > process.askedAt;
        if (isAnswer) expect(forked).toBeLessThanOrEqual(before);
        else expect(forked).toBeGreaterThanOrEqual(before);
        // Of what else a process does than to begin and to end the kernel knows nothing.
        const done = input.kind === 'process-exited' ? known(kernelAt('exit', process)) : forked;
        if (isAnswer && input.kind === 'process-exited') expect(done).toBeGreaterThanOrEqual(before);
        before = Math.max(before, done);
        expect(before).toBeLessThanOrEqual(input.at);
        checked += 1;
        answered += Number(isAnswer);
      }
    }
    expect(checked).toBeGreaterThan(500);
    expect(answered).toBeGreaterThan(0);
  });

  test('explain: whoever is said to have started what runs had come up, or ended, before it was forked', async () => {
    const mains = new Map(
      history.runs
        .toReversed()
        .flatMap(({ ref, processes }) =>
          processes.filter(({ role }) => role === 'main').map((main) => [`${ref.job} ${ref.instance}`, main] as const),
        ),
    );
    const first = (job: string, instance: string) => mains.get(`${job} ${instance}`);
    let checked = 0;
    for (const job of Object.keys(jobs)) {
      const { stdout } = await run(['explain', job, '--json'], { env: daemon?.env ?? {} });
      const { details } = JSON.parse(stdout) as { details: JobExplanation };
      for (const { instance, state, since, because } of details.instances) {
        const main = first(job, instance.instance);
        if (state !== 'running' || main === undefined) continue;
        const forked = known(kernelAt('fork', main));
        expect(since).toBeGreaterThanOrEqual(forked);
        for (const { job: cause, instance: of, fact } of because.flatMap(causesIn)) {
          const process = first(cause, of);
          if (process === undefined) continue;
          expect(known(kernelAt(fact, process)), `${job} because of ${cause}`).toBeLessThanOrEqual(forked);
          checked += 1;
        }
      }
    }
    expect(checked).toBeGreaterThan(50);
  });

  test('the end of the boot: what came last by the journal was last by the kernel', () => {
    const arrivals = bootRuns(history).flatMap(({ ref, isTask, processes }) => {
      const main = processes.find(({ role }) => role === 'main');
      return main === undefined ? [] : [{ job: ref.job, at: known(kernelAt(isTask ? 'exit' : 'fork', main)) }];
    });
    const last = arrivals.reduce((latest, one) => (one.at > latest.at ? one : latest));
    expect(lastOfBoot(history)?.ref.job).toBe(last.job);
  });

  test('the graph of the boot: who is said to have started another was there before it', () => {
    const graph = bootGraph(history, true);
    const labels = new Map(graph.nodes.map(({ id, name }) => [id, name]));
    const runs = new Map(history.runs.toReversed().map((one) => [one.ref.job, one]));
    const first = (id: string, role?: string) =>
      runs.get(labels.get(id) ?? '')?.processes.find((process) => role === undefined || process.role === role);
    let checked = 0;
    for (const { from, to, kind, label } of graph.edges) {
      const [cause, effect] = [first(from, 'main'), first(to)];
      if (kind !== 'start' || cause === undefined || effect === undefined) continue;
      const began = known(kernelAt('fork', effect));
      checked += 1;
      if (label === 'started') expect(known(kernelAt('fork', cause))).toBeLessThanOrEqual(began);
      else if (label === 'stopped') expect(known(kernelAt('exit', cause))).toBeLessThanOrEqual(began);
      // Who starts on `starting` comes first: the other waits for it.
      else if (label === 'starting') expect(began).toBeLessThanOrEqual(known(kernelAt('fork', first(from) ?? cause)));
    }
    expect(checked).toBeGreaterThan(100);
  });
});
