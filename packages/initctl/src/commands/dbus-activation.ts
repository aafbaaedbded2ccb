import type { BusClient, ListedDefinition, UpstartClient } from '@maverick/dbus/client';
import { checkActivation } from '../activation-check.js';
import { jobsThatBring } from '../activation-jobs.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { AnsweredNo, InitctlError } from '../errors.js';
import { type BusKind, ownFolder, writeServiceFile } from '../service-file.js';

type Action = (context: CommandContext, kind: BusKind, name: string | undefined) => Promise<void>;

const kindOf = ({ options, isUserSession }: CommandContext): BusKind =>
  !options.has('system') && (options.has('session') || isUserSession()) ? 'session' : 'system';

const required = async (name: string | undefined): Promise<string> => {
  if (name === undefined) throw new InitctlError('missing-bus-name', {});
  const { isWellKnownName } = await import('@maverick/dbus/client');
  if (!isWellKnownName(name)) throw new InitctlError('illegal-bus-name', { name });
  return name;
};

/** The bus that started this, else that of the kind. */
const joinBus = async ({ env }: CommandContext, kind: BusKind): Promise<BusClient> => {
  const { connectBus } = await import('@maverick/dbus/client');
  try {
    return await connectBus(env.DBUS_STARTER_ADDRESS || kind);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InitctlError('cannot-connect', { to: `${kind} bus`, reason }, { cause: error });
  }
};

const install: Action = async (context, kind, given) => {
  const name = await required(given);
  const { options, env, uid, output } = context;
  const folder = options.get('service-dir') ?? ownFolder(kind, env, uid);
  const file = writeServiceFile(name, kind, folder, options.has('fallback'));
  // Directories that are new are not watched. Where there is no bus, the next one reads them.
  await joinBus(context, kind).then(
    async (bus) => {
      await bus.ask('ReloadConfig').catch(() => {});
      bus.close();
    },
    () => {},
  );
  output.answer(
    () => ({ name, bus: kind, file }),
    () => file,
  );
};

/** Where a bus looks; DIR takes the place of all where it is given. */
const foldersOf = async ({ options, env }: CommandContext, kind: BusKind): Promise<readonly string[]> => {
  const folder = options.get('service-dir');
  if (folder !== undefined) return [folder];
  const { serviceDirectories } = await import('@maverick/dbus/client');
  return serviceDirectories(kind, env);
};

const check: Action = async (context, kind, given) => {
  const name = given === undefined ? undefined : await required(given);
  const bus = await joinBus(context, kind).catch(() => undefined);
  try {
    const findings = await checkActivation({ bus, kind, name, folders: await foldersOf(context, kind) });
    context.output.answer(
      () => ({ bus: kind, ...(name === undefined ? {} : { name }), checks: findings }),
      () =>
        findings
          .map(({ ok, what, todo }) => `${ok ? 'ok' : 'missing'}: ${what}${ok || !todo ? '' : `\n  ${todo}`}`)
          .join('\n'),
    );
    if (findings.some(({ ok }) => !ok)) throw new AnsweredNo('something is missing');
  } finally {
    bus?.close();
  }
};

/** The daemon on the same bus, else the one that any command talks to. */
const daemonOn = async (context: CommandContext, bus: BusClient, kind: BusKind): Promise<UpstartClient> => {
  const { BUS_NAME, connect } = await import('@maverick/dbus/client');
  if (await bus.hasOwner(BUS_NAME)) return connect({ bus: context.env.DBUS_STARTER_ADDRESS || kind });
  return context.connect();
};

/** Rejects when none of the jobs is at work any more. */
const untilNoneWorks = async (
  upstart: UpstartClient,
  jobs: readonly ListedDefinition[],
  events: ReturnType<UpstartClient['events']>,
  name: string,
): Promise<never> => {
  const isAtWork = async (): Promise<boolean> => {
    const listed = (await upstart.list()).filter(({ path }) => jobs.some((job) => job.path === path));
    return listed.some(({ instances }) => instances.some(({ status }) => status.goal !== 'stop'));
  };
  if (await isAtWork()) {
    for await (const { kind } of events) {
      if (kind !== 'goal-changed' && kind !== 'instance-removed') continue;
      if (!(await isAtWork())) break;
    }
  }
  throw new InitctlError('name-not-taken', { name });
};

const start: Action = async (context, kind, given) => {
  const name = await required(given);
  const bus = await joinBus(context, kind);
  const upstart = await daemonOn(context, bus, kind);
  try {
    const jobs = jobsThatBring(name, await upstart.definitions());
    if (jobs.length === 0) throw new InitctlError('no-job-brings', { name });
    const events = upstart.events();
    await upstart.emit('dbus-activation', [`NAME=${name}`, `BUS=${kind}`, `UNIT=${name}`]);
    await Promise.race([bus.untilOwned(name), untilNoneWorks(upstart, jobs, events, name)]).catch(async (error) => {
      // The job may have brought the name, and gone since.
      if (!(await bus.hasOwner(name))) throw error;
    });
  } finally {
    upstart.close();
    bus.close();
  }
};

const ACTIONS: Readonly<Record<string, Action>> = { install, check, start };

/** `dbus-activation install|check|start`. */
export const dbusActivation: CommandHandler = async (context) => {
  const [word = '', name] = context.operands;
  const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined;
  if (action === undefined) throw new InitctlError('no-activation-action', {});
  await action(context, kindOf(context), name);
};
