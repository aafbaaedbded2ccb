import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ROOT } from './setup.mjs';
import { TRANSCRIPT_EDITS, TRANSCRIPT_JOBS } from './transcript-jobs.mjs';

const UPSTART = join(ROOT, 'packages/init/bin/upstart.js');
const START_LIMIT_MS = 20_000;
/** Signals that have not come by then will not. */
const SIGNALS_LIMIT_MS = 2_500;
const LOOK_AGAIN_MS = 10;
/** The home that the conversation was recorded in. */
const RECORDED_HOME = '/home/user';
const MANAGER_PATH = '/com/ubuntu/Upstart';

const TYPES = { string: 's', number: 'i', boolean: 'b' };

/** Values as the signature says: only a variant needs to be told its type. */
const toWire = (signature, args) =>
  signature.endsWith('v') ? [...args.slice(0, -1), { signature: TYPES[typeof args.at(-1)], value: args.at(-1) }] : args;

/** A value of D-Bus as Python would have it. */
const fromWire = (value) => {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, entry]) => [key, fromWire(entry)]));
  if (Array.isArray(value)) return value.map(fromWire);
  if (value !== null && typeof value === 'object' && 'signature' in value) return fromWire(value.value);
  return value;
};

/** One daemon with the conversation's jobs, and a client of it. */
class Player {
  #folder = mkdtempSync(join(tmpdir(), 'maverick-transcript-'));
  #connect;
  #child;
  #client;
  #signals = [];

  constructor(connect) {
    this.#connect = connect;
    for (const name of ['conf', 'run', 'cfg']) mkdirSync(join(this.#folder, name));
    for (const [name, text] of Object.entries(TRANSCRIPT_JOBS)) this.#write(`${name}.conf`, text);
  }

  async start() {
    const home = this.#folder;
    this.#child = spawn(process.execPath, [UPSTART, '--user', '--no-startup-event', '--confdir', join(home, 'conf')], {
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        TERM: 'xterm',
        HOME: home,
        LANG: 'C.UTF-8',
        XDG_RUNTIME_DIR: join(home, 'run'),
        XDG_CONFIG_HOME: join(home, 'cfg'),
      },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    const givenUp = performance.now() + START_LIMIT_MS;
    for (;;) {
      try {
        this.#client = await this.#connect(
          `unix:abstract=/com/ubuntu/upstart-session/${process.getuid()}/${this.#child.pid}`,
        );
        await this.#client.version();
        break;
      } catch (error) {
        if (performance.now() > givenUp) throw error;
        await setTimeout(LOOK_AGAIN_MS);
      }
    }
    this.#listen();
  }

  /** Everything in the words of D-Bus: the events of the client, turned back. */
  async #listen() {
    for await (const event of this.#client.events()) {
      const signal = SIGNALS[event.kind]?.(event);
      if (signal !== undefined) this.#signals.push(this.#recorded(signal));
    }
  }

  /** @returns what came of the step */
  async play(step) {
    this.#signals = [];
    const reply = step.kind === 'call' ? await this.#call(step) : undefined;
    if (step.kind === 'exit') return { signals: [], exit: await this.#exit() };
    if (step.title in TRANSCRIPT_EDITS) this.#edit(TRANSCRIPT_EDITS[step.title]);
    await this.#hear(step);
    return { reply, signals: this.#signals };
  }

  async end() {
    this.#client?.close();
    if (this.#child?.exitCode === null) {
      this.#child.kill('SIGTERM');
      await once(this.#child, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #call({ path, interface: name, member, signature, args, reply }) {
    // The recorded client had given up waiting: so does this one.
    const limit = reply.error?.endsWith('.NoReply') ? { signal: AbortSignal.timeout(SIGNALS_LIMIT_MS) } : {};
    try {
      const [value = null] = await this.#client.rawCall(path, name, member, signature, toWire(signature, args), limit);
      return { value: this.#recorded(fromWire(value)) };
    } catch (error) {
      return error.name === 'TimeoutError' ? reply : { error: error.name, message: error.message };
    }
  }

  /** Wait for as many signals as there were, and for those that are on their way. */
  async #hear({ signals, title }) {
    const givenUp = performance.now() + SIGNALS_LIMIT_MS;
    let mended = !RESPAWN.test(title);
    while (this.#signals.length < signals.length && performance.now() < givenUp) {
      if (!mended) {
        mended = true;
        await this.#killMain('/com/ubuntu/Upstart/jobs/respawn/_');
      }
      await setTimeout(LOOK_AGAIN_MS);
    }
    await this.#client.version().catch(() => {});
  }

  async #killMain(path) {
    const { processes } = await this.#client.instanceAt(path).status();
    for (const { role, pid } of processes) if (role === 'main') process.kill(pid, 'SIGKILL');
  }

  async #exit() {
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    return `init exit status ${this.#child.exitCode} after EndSession`;
  }

  #edit(edit) {
    edit({
      write: (name, text) => this.#write(name, text),
      remove: (name) => rmSync(join(this.#folder, 'conf', name)),
      replace: (name, text) => {
        const path = join(this.#folder, 'conf', name);
        writeFileSync(`${path}.new`, text);
        renameSync(`${path}.new`, path);
      },
    });
  }

  #write(name, text) {
    writeFileSync(join(this.#folder, 'conf', name), text);
  }

  /** With the home of the recording in place of ours. */
  #recorded(value) {
    return JSON.parse(JSON.stringify(value).replaceAll(this.#folder, RECORDED_HOME));
  }
}

/** The main process of this job was killed while it ran. */
const RESPAWN = /^\/com\/ubuntu\/Upstart\/jobs\/respawn Start/;

/** Events of the client as the signals that they were. */
const SIGNALS = {
  'job-added': ({ job }) => ({ path: MANAGER_PATH, member: 'JobAdded', args: [job] }),
  'job-removed': ({ job }) => ({ path: MANAGER_PATH, member: 'JobRemoved', args: [job] }),
  'event-emitted': ({ name, env }) => ({ path: MANAGER_PATH, member: 'EventEmitted', args: [name, env] }),
  restarted: () => ({ path: MANAGER_PATH, member: 'Restarted', args: [] }),
  'instance-added': ({ job, instance }) => ({ path: job, member: 'InstanceAdded', args: [instance] }),
  'instance-removed': ({ job, instance }) => ({ path: job, member: 'InstanceRemoved', args: [instance] }),
  'goal-changed': ({ instance, goal }) => ({ path: instance, member: 'GoalChanged', args: [goal] }),
  'state-changed': ({ instance, state }) => ({ path: instance, member: 'StateChanged', args: [state] }),
  failed: ({ instance, status }) => ({ path: instance, member: 'Failed', args: [status] }),
};

/** Play every step to one daemon, and hand on what came of each. */
export const playTranscript = async (steps, connect, judge) => {
  const player = new Player(connect);
  let section = 'first questions';
  try {
    await player.start();
    for (const step of steps) {
      if (step.kind === 'section') section = step.title;
      judge({ ...step, section }, await player.play(step));
    }
  } finally {
    await player.end();
  }
};
