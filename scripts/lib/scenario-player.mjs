import { loadPackage } from './arguments.mjs';
import { label, observation, statusLabel } from './scenario-trace.mjs';

const { defineJob, parseConf, signalNumber } = await loadPackage('@maverick/conf');
const { Engine, SYSTEM } = await loadPackage('@maverick/engine');

const INIT_ENV = ['PATH=/bin', 'TERM=linux'];
const START_MS = 1_000_000;
const SIGSTOP = 19;
const ENOENT = 2;

/** Plays one scenario: a fake spawner and a fake clock around an engine. Conventions: see the scenario file itself. */
export class ScenarioPlayer {
  #engine;
  #sessions;
  #now = START_MS;
  #trace = [];
  #timers = new Map();
  #processes = new Map();
  #unconfirmed = [];
  #requests = [];
  #pid = 100;
  /** Environments of the processes that were started, by `JOB ROLE`. */
  spawned = new Map();

  constructor(semantics, sessions = {}) {
    this.#engine = new Engine({ semantics, env: INIT_ENV });
    this.#sessions = sessions;
    for (const session of new Set(Object.values(sessions)))
      this.#send({ kind: 'open-session', session, env: INIT_ENV });
  }

  /** Load every file; returns what that causes. */
  load(files) {
    for (const [name, text] of Object.entries(files)) this.#writeFile({ name, text });
    return this.#takeTrace();
  }

  /** Play one step; returns what it causes. */
  step(step) {
    const [[verb, argument]] = Object.entries(step);
    const play = this.#steps[verb];
    if (!play) throw new Error(`unknown step ${JSON.stringify(step)}`);
    play(argument);
    return this.#takeTrace();
  }

  /** Goal and state of every instance there is. */
  instances() {
    const sessions = [SYSTEM, ...new Set(Object.values(this.#sessions))];
    const views = sessions.flatMap((session) => this.#engine.jobs(session).flatMap(({ instances }) => instances));
    return Object.fromEntries(views.map(({ ref, goal, state }) => [label(ref), `${goal}/${state}`]));
  }

  #steps = {
    start: (command) => this.#command('start', command),
    stop: (command) => this.#command('stop', command),
    restart: (command) => this.#command('restart', command),
    emit: ({ event, env = [], wait = true, id, session = SYSTEM, by }) =>
      this.#send({ kind: 'emit', session, name: event, env, wait, ...this.#asked(id, by) }),
    exit: (argument) => this.#exit(argument),
    sigstop: ({ job, instance }) => {
      this.#trace.push(`stopped ${label({ job, instance: instance ?? '' })} main`);
      this.#tell({ job, instance, process: 'main' }, { kind: 'process-stopped', signal: SIGSTOP });
    },
    fork: (of) => this.#tell({ ...of, process: 'main' }, { kind: 'process-forked', pid: this.#pid++ }),
    exec: (of) => this.#tell({ ...of, process: 'main' }, { kind: 'process-execed' }),
    advance: (seconds) => {
      for (let second = 0; second < seconds; second += 1) this.#tick();
    },
    'set-env': ({ var: variable, retain = false, job }) =>
      this.#send({ kind: 'set-env', variables: [variable], retain, ...this.#table(job) }),
    'unset-env': ({ name, job }) => this.#send({ kind: 'unset-env', names: [name], ...this.#table(job) }),
    'write-file': (file) => this.#writeFile(file),
    'delete-file': (file) => {
      const name = jobName(file);
      this.#send({ kind: 'remove-job', session: this.#sessionOf(name), name });
    },
    'session-end': (type) => this.#send({ kind: 'quiesce', type }),
  };

  #sessionOf(job) {
    return this.#sessions[job] ?? SYSTEM;
  }

  #asked(id, by) {
    const request = this.#requests.push(id) - 1;
    if (!by) return { request };
    const process = this.#find(by);
    const instance = { session: this.#sessionOf(by.job), job: by.job, instance: by.instance ?? '' };
    return { request, caller: { instance, process } };
  }

  #table(job) {
    const { request } = this.#asked(undefined);
    return { session: SYSTEM, request, ...(job ? { target: { job, instance: '' } } : {}) };
  }

  #command(kind, { job, env = [], wait = true, id, by }) {
    this.#send({ kind, session: this.#sessionOf(job), job, env, wait, ...this.#asked(id, by) });
  }

  #writeFile({ name, text }) {
    const job = jobName(name);
    const { conf, diagnostics } = parseConf(text);
    if (!conf) throw new Error(`${name}: ${diagnostics.map(({ message }) => message).join('; ')}`);
    this.#send({ kind: 'define-job', session: this.#sessionOf(job), name: job, definition: defineJob(conf) });
  }

  #find({ job, instance = '', process }) {
    for (const [id, { ref, role }] of this.#processes) {
      if (ref.job === job && ref.instance === instance && role === process) return id;
    }
    return undefined;
  }

  /** News of a process; none of one that has ended. */
  #tell(of, news) {
    const process = this.#find(of);
    if (process !== undefined) this.#send({ ...news, process });
  }

  #exit({ job, instance, process: role, code, signal }) {
    const status =
      signal === undefined ? { kind: 'exited', code } : { kind: 'signalled', signal: signalNumber(signal) };
    const process = this.#find({ job, instance, process: role });
    if (process === undefined) throw new Error(`${label({ job, instance: instance ?? '' })} has no ${role} process`);
    this.#trace.push(`exit ${label({ job, instance: instance ?? '' })} ${role} ${statusLabel(status)}`);
    this.#processes.delete(process);
    this.#send({ kind: 'process-exited', process, status });
  }

  #tick() {
    this.#now += 1000;
    const due = () => [...this.#timers].filter(([, at]) => at <= this.#now).sort((a, b) => a[1] - b[1] || a[0] - b[0]);
    for (let [next] = due(); next; [next] = due()) {
      this.#timers.delete(next[0]);
      this.#send({ kind: 'timer-fired', timer: next[0] });
    }
  }

  /** Dispatch, then confirm what was started, the oldest first, until nothing is outstanding. */
  #send(input) {
    this.#dispatch(input);
    for (let next = this.#unconfirmed.shift(); next !== undefined; next = this.#unconfirmed.shift())
      this.#confirm(next);
  }

  #confirm(process) {
    const started = this.#processes.get(process);
    if (!started) return;
    const { ref, role, command } = started;
    if (!command.startsWith('/no/')) {
      this.#dispatch({ kind: 'process-started', process, pid: this.#pid++ });
      return;
    }
    this.#processes.delete(process);
    this.#trace.push(`spawn-failed ${label(ref)} ${role}`);
    const message = 'unable to execute: No such file or directory';
    this.#dispatch({ kind: 'spawn-failed', process, failure: { step: 'exec', errno: ENOENT, message } });
  }

  #dispatch(input) {
    for (const effect of this.#engine.dispatch({ ...input, at: this.#now })) {
      const line = observation(effect, (request) => this.#requests[request]);
      if (line !== undefined) this.#trace.push(line);
      this.#perform(effect);
    }
  }

  #perform(effect) {
    if (effect.kind === 'set-timer') this.#timers.set(effect.timer, effect.dueAt);
    if (effect.kind === 'clear-timer') this.#timers.delete(effect.timer);
    if (effect.kind !== 'spawn') return;
    const { process, instance: ref, role, definition, env } = effect;
    this.#processes.set(process, { ref, role, command: definition.processes[role].command });
    this.#unconfirmed.push(process);
    const key = `${label(ref)} ${role}`;
    this.spawned.set(key, [...(this.spawned.get(key) ?? []), env]);
  }

  #takeTrace() {
    return this.#trace.splice(0);
  }
}

const jobName = (file) => file.replace(/\.conf$/, '');
