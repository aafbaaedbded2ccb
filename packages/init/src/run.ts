import { messageOf } from './attempt.js';
import { type Parsed, parseCommandLine } from './command-line.js';
import { Daemon } from './daemon.js';
import { NoHomeError } from './directories.js';
import { helpText, versionText } from './help.js';
import { type BridgeMakers, loadBridges } from './inner-bridges.js';
import { Log } from './log.js';
import { firstSink, laterSink } from './log-targets.js';
import { leaveConsole, requestKeys, setUpMachine } from './machine.js';
import type { Mode } from './mode.js';
import type { Options } from './option-table.js';
import { findOwnPath } from './own-program.js';
import { errorText } from './report.js';
import { runlevelEnv } from './runlevel.js';
import { type SignalTable, signalTable } from './signal-table.js';
import { obeySignals } from './signals.js';
import { becomeTelinit, roleOf } from './system-init.js';
import { isTerminal } from './terminal.js';

/** The terminal or pipe behind a stream may go away; the jobs are worth more than its messages. */
const survive = (stream: NodeJS.WriteStream): void => {
  stream.on('error', () => {});
};

/** Whatever fails from now on is told, and the daemon lives: process 1 never dies of an exception. */
const containFaults = (log: Log): ((error: unknown) => void) => {
  const contain = (error: unknown): void => {
    try {
      log.write('error', `Internal error, contained: ${errorText(error)}`);
    } catch {
      // An exception from here would end the process.
    }
  };
  process.on('uncaughtException', contain);
  process.on('unhandledRejection', contain);
  return contain;
};

/** Obey signals until something ends the daemon. What asks for it again after that changes nothing. */
const untilStopped = (daemon: Daemon, table: SignalTable, contain: (error: unknown) => void): Promise<void> =>
  new Promise((resolve) => {
    obeySignals(table, {
      reload: () => daemon.reload(),
      'seek-bus': () => daemon.seekBus(),
      stop: () => resolve(daemon.stop()),
      restart: () => daemon.restart(),
      emit: ({ name }) => daemon.emit(name),
      runlevel: ({ level, halt }) => daemon.emit('runlevel', runlevelEnv(level, halt)),
      forward: ({ group }, signal) => daemon.signalProgram(signal, group),
      failed: contain,
    });
    void daemon.loggedOut.then(() => resolve(daemon.stop('logout')));
    void daemon.programEnded.then(() => resolve(daemon.stop()));
  });

/** An exit would be the machine's end (the kernel panics): a person can still do something with one that stands still. */
const standStill = (log: Log): Promise<never> => {
  log.write('fatal', 'Unable to start: no job will run until the machine is restarted');
  return new Promise(() => setInterval(() => {}, 2 ** 31 - 1));
};

/** What only the init of a machine does once it runs. Returns the signals to obey. */
const takeKeys = (table: SignalTable, log: Log): SignalTable => {
  const { ctrlAltDel, keyboardRequest } = requestKeys();
  if (!ctrlAltDel) log.write('debug', 'The keys Ctrl-Alt-Del are not ours in a container');
  if (keyboardRequest) return table;
  const { SIGWINCH: _, ...rest } = table;
  return rest;
};

/** A machine comes up without a bridge that there is not; anybody else is told before anything begins. */
const bridgesFor = async (mode: Mode, { bridges }: Options, log: Log): Promise<BridgeMakers | undefined> => {
  let mistaken = false;
  try {
    const kinds = await loadBridges(bridges, { user: mode === 'user' }, (message) => {
      mistaken = true;
      log.write('error', message);
    });
    return mistaken && mode !== 'system' ? undefined : kinds;
  } catch (error) {
    log.write('error', `Unable to load the bridges: ${messageOf(error)}`);
    return new Map();
  }
};

const superviseIn = async (mode: Mode, options: Options, log: Log, env: NodeJS.ProcessEnv): Promise<number> => {
  const contain = containFaults(log);
  const bridges = await bridgesFor(mode, options, log);
  if (bridges === undefined) return 1;
  let daemon: Daemon;
  try {
    daemon = new Daemon(mode, options, env, log, bridges);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.write('error', error instanceof NoHomeError ? message : `Unable to start: ${message}`);
    return mode === 'system' ? standStill(log) : 1;
  }
  const table = signalTable(mode, options.program !== undefined);
  const stopped = untilStopped(daemon, mode === 'system' ? takeKeys(table, log) : table, contain);
  try {
    daemon.start();
  } catch (error) {
    contain(error);
  }
  const sink = laterSink(mode, options);
  if (sink !== undefined && !options.restart) {
    log.sendTo(sink);
    leaveConsole();
  }
  await stopped;
  return daemon.exitStatus;
};

/** What a wrong command line asks for may be anything but the init of a machine: that one must not end. */
const isForMachine = ({ options }: Extract<Parsed, { kind: 'error' }>, args: readonly string[]): boolean => {
  if (args.includes('--') || args.some((word) => /^--(?:job|container|user|session)(?:=|$)/.test(word))) return false;
  const role = roleOf(options, process.getuid?.() ?? 0, process.pid);
  return role.kind === 'init' && role.mode === 'system';
};

const runDaemon = async (
  { options, ignored, mistake }: Extract<Parsed, { kind: 'run' }> & { readonly mistake?: string },
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> => {
  const role = roleOf(options, process.getuid?.() ?? 0, process.pid);
  // Before anything touches the standard streams: they may lead nowhere yet.
  const sets = role.kind === 'init' && role.mode === 'system' && !options.restart;
  const missing = sets ? setUpMachine() : [];
  if (sets) findOwnPath();
  // Only these write through Node's streams.
  if (options.live || isTerminal(1)) survive(process.stdout);
  const log = new Log(options.priority, firstSink(options));
  // After a re-exec the start is long over.
  const later = role.kind === 'init' && options.restart ? laterSink(role.mode, options) : undefined;
  if (later !== undefined) log.sendTo(later);
  for (const message of missing) log.write('warn', message);
  if (mistake !== undefined)
    log.write('error', `A mistake on the command line, where the rest of it is passed over: ${mistake}`);
  for (const word of ignored) log.write('debug', `Ignored unknown option: ${word}`);
  if (role.kind === 'init') return superviseIn(role.mode, options, log, env);
  if (role.kind === 'telinit') becomeTelinit(role.path, args, env);
  else log.write('error', role.message);
  return 1;
};

/**
 * Be the program `upstart`.
 * @param args the command line without the program's name
 * @returns the exit status; never, for the init of a machine
 */
export const run = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> => {
  const parsed = parseCommandLine(args);
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(helpText());
      return 0;
    case 'version':
      process.stdout.write(versionText());
      return 0;
    case 'error':
      if (isForMachine(parsed, args)) {
        return runDaemon({ kind: 'run', options: parsed.options, ignored: [], mistake: parsed.message }, args, env);
      }
      process.stderr.write(`init: ${parsed.message}\nTry \`upstart --help' for more information.\n`);
      return 1;
    case 'run':
      return runDaemon(parsed, args, env);
  }
};
