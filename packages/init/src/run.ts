import { type Parsed, parseCommandLine } from './command-line.js';
import { Daemon } from './daemon.js';
import type { Environment } from './directories.js';
import { helpText, versionText } from './help.js';
import { Log } from './log.js';
import { firstSink, laterSink } from './log-targets.js';
import type { Options } from './option-table.js';
import { becomeTelinit, systemRole } from './system-init.js';

/** The terminal or pipe behind a stream may go away; the jobs are worth more than its messages. */
const survive = (stream: NodeJS.WriteStream): void => {
  stream.on('error', () => {});
};

/** Obey signals until one ends the daemon. Another one after that changes nothing. */
const untilStopped = (daemon: Daemon): Promise<void> =>
  new Promise((resolve) => {
    process.on('SIGHUP', () => daemon.reload());
    // Without a handler, Node would open its debugger.
    process.on('SIGUSR1', () => daemon.seekBus());
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(daemon.stop()));
    void daemon.loggedOut.then(() => resolve(daemon.stop('logout')));
    process.on('uncaughtException', (error) => daemon.contain(error));
    process.on('unhandledRejection', (reason) => daemon.contain(reason));
  });

const createDaemon = (options: Options, env: Environment, log: Log): Daemon | undefined => {
  try {
    return new Daemon(options.mode ?? 'system', options, env, log);
  } catch (error) {
    log.write('error', error instanceof Error ? error.message : String(error));
    return undefined;
  }
};

/** Without a mode this is the machine's init, or the way to it. Returns whether it is. */
const isSystemInit = (log: Log, args: readonly string[], env: NodeJS.ProcessEnv): boolean => {
  const role = systemRole(process.getuid?.() ?? 0, process.pid);
  if (role.kind === 'refused') log.write('error', role.message);
  if (role.kind === 'telinit') becomeTelinit(role.path, args, env);
  return role.kind === 'init';
};

const runDaemon = async (
  { options, ignored }: Extract<Parsed, { kind: 'run' }>,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> => {
  const log = new Log(options.priority, firstSink(options));
  for (const word of ignored) log.write('debug', `Ignored unknown option: ${word}`);
  if (options.mode === undefined && !isSystemInit(log, args, env)) return 1;
  const daemon = createDaemon(options, env, log);
  if (daemon === undefined) return 1;
  const stopped = untilStopped(daemon);
  daemon.start();
  const sink = laterSink(options.mode ?? 'system', options);
  if (sink !== undefined) log.sendTo(sink);
  await stopped;
  return 0;
};

/**
 * Be the program `upstart`.
 * @param args the command line without the program's name
 * @returns the exit status
 */
export const run = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> => {
  survive(process.stdout);
  survive(process.stderr);
  const parsed = parseCommandLine(args);
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(helpText());
      return 0;
    case 'version':
      process.stdout.write(versionText());
      return 0;
    case 'error':
      process.stderr.write(`init: ${parsed.message}\nTry \`upstart --help' for more information.\n`);
      return 1;
    case 'run':
      return runDaemon(parsed, args, env);
  }
};
