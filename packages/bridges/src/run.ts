import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { connect, instancePath, type UpstartClient } from '@maverick/dbus/client';
import { type BridgeKind, type Report, SettingError } from './bridge.js';
import { DaemonLink } from './daemon-link.js';
import { HeldDescriptors } from './held-descriptors.js';
import { NotifyKeeper, passedDescriptors } from './notify-keeper.js';
import { type BridgeOptions, helpText, parseOptions } from './option-table.js';
import { PROGRAMS } from './program-table.js';
import { tellReady } from './readiness.js';

const PRIORITIES = ['error', 'warn', 'info', 'debug'] as const satisfies readonly BridgeOptions['priority'][];

const reporter =
  (program: string, least: BridgeOptions['priority']): Report =>
  (priority, message) => {
    if (PRIORITIES.indexOf(priority) <= PRIORITIES.indexOf(least)) process.stderr.write(`${program}: ${message}\n`);
  };

const versionText = (program: string): string => {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return `${program} (upstart 1.13.2)\nMaverick ${manifest.version}\n`;
};

const connector = ({ user, address }: BridgeOptions, env: NodeJS.ProcessEnv): (() => Promise<UpstartClient>) => {
  const target = address ?? (user ? env['UPSTART_SESSION'] : undefined);
  return () => connect(target);
};

/** Absent for users without a session: nothing of theirs goes with the boot. */
const runtimeDirOf = ({ user, address }: BridgeOptions, env: NodeJS.ProcessEnv): string | undefined => {
  const isOfSession = user || address !== undefined || Boolean(env['UPSTART_SESSION']);
  return (isOfSession ? env['XDG_RUNTIME_DIR'] : process.getuid?.() === 0 ? '/run' : undefined) || undefined;
};

/** The object path of the instance that this process is of. */
const ownInstanceOf = ({ UPSTART_JOB: job, UPSTART_INSTANCE: instance = '' }: NodeJS.ProcessEnv): string | undefined =>
  job === undefined ? undefined : instancePath({ session: '', job, instance });

const untilTold = (stop: () => void): void => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
};

/** Whoever waits for the bridge is told once its sockets, watches … are there. */
const readyTeller = (env: NodeJS.ProcessEnv, report: Report) => (): void => {
  tellReady(env['NOTIFY_SOCKET']).then(
    () => report('debug', 'Ready'),
    (error: unknown) =>
      report('warn', `Could not tell that it is ready: ${error instanceof Error ? error.message : error}`),
  );
};

/**
 * Be the program of a bridge.
 * @param path what it was called by: its last part says which bridge
 * @param words the command line without the program's name
 * @returns the exit status
 */
export const run = async (path: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> => {
  const name = basename(path, '.js');
  const program = PROGRAMS[name];
  const complain = (message: string): number => {
    process.stderr.write(`${name}: ${message}\nTry \`${name} --help' for more information.\n`);
    return 1;
  };
  if (program === undefined) return complain(`no bridge has this name: expected ${Object.keys(PROGRAMS).join(', ')}`);
  const parsed = parseOptions(words, program.options);
  if (parsed.kind === 'error') return complain(parsed.message);
  if (parsed.kind !== 'run') {
    process.stdout.write(parsed.kind === 'help' ? helpText(name, program.purpose, program.options) : versionText(name));
    return 0;
  }
  const { options } = parsed;
  if (options.user && !env['UPSTART_SESSION']) return complain("UPSTART_SESSION isn't set in environment");
  let kind: BridgeKind;
  try {
    kind = program.kind(options);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return complain(error.message);
  }
  const report = reporter(name, options.priority);
  const address = env['NOTIFY_SOCKET'];
  const left = passedDescriptors(env, process.pid);
  const keeper = address ? new NotifyKeeper(address, left, report) : new HeldDescriptors(left);
  const ownInstance = ownInstanceOf(env);
  const link = new DaemonLink({
    kind,
    keeper,
    ...(ownInstance === undefined ? {} : { ownInstance }),
    connect: connector(options, env),
    runtimeDir: runtimeDirOf(options, env),
    report,
  });
  untilTold(() => void link.close());
  await link.run(readyTeller(env, report));
  return 0;
};
