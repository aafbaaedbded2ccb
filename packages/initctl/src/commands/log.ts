import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { CommandContext, CommandHandler } from '../command.js';
import { foreignSession } from '../daemon-session.js';
import { InitctlError } from '../errors.js';
import { GrowingFile, watchFile } from '../follow-file.js';
import { findInstance, findJob } from '../job-reference.js';
import { numberOption, WHOLE } from '../numbers.js';

/** Whose output, and where it is. */
interface JobLog {
  readonly job: string;
  readonly instance: string;
  readonly path: string;
  /** The same file by a name that no link in it leads elsewhere. Default: {@link path} */
  readonly safePath?: string;
}

const instanceName = async (found: Awaited<ReturnType<typeof findJob>>): Promise<string> => {
  const { reference } = found;
  if (reference.kind === 'self') return reference.instance;
  return reference.env.length === 0 ? '' : (await (await findInstance(found)).status()).name;
};

/** The directory of logs unless the daemon was told another one. */
const usualDirectory = ({ env, uid, isUserSession }: CommandContext): string => {
  if (uid === 0 && !isUserSession()) return env.UPSTART_LOGDIR ?? '/var/log/upstart';
  return join(env.XDG_CACHE_HOME || join(env.HOME ?? '/', '.cache'), 'upstart');
};

/** Without a daemon: the plain instance, where its output usually is. */
const logOnDisk = (context: CommandContext, cause: InitctlError): JobLog => {
  const [job] = context.operands;
  if (job === undefined) throw cause;
  const path = join(usualDirectory(context), `${job.replaceAll('/', '_')}.log`);
  if (!existsSync(path)) throw cause;
  return { job, instance: '', path };
};

const UNKNOWN_METHOD = 'org.freedesktop.DBus.Error.UnknownMethod';

const unreadable = (path: string, error: unknown): InitctlError => {
  const reason = error instanceof Error ? error.message : String(error);
  return new InitctlError('unreadable-file', { path, reason }, { cause: error });
};

/**
 * The directory of a file as a process with that root directory finds it, held open: whoever is in there can put a link or
 * a FIFO in the place of anything.
 */
const pathInside = async (root: string, path: string): Promise<string> => {
  const { openInside } = await import('@maverick/spawner');
  return join(`/proc/self/fd/${openInside([root], dirname(path.slice(root.length)))}`, basename(path));
};

/** In another's session no link of theirs is followed. */
const safePathOf = async (context: CommandContext, path: string): Promise<string | undefined> => {
  const session = await foreignSession(await context.connect(), context.options);
  if (session === undefined || session.kind === 'system') return undefined;
  const root = session.root ?? '/';
  try {
    return root === '/' ? path : await pathInside(root, path);
  } catch (error) {
    throw unreadable(path, error);
  }
};

const findLog = async (context: CommandContext): Promise<JobLog> => {
  try {
    const found = await findJob(context);
    const instance = await instanceName(found);
    const path = await found.job.logFile(instance);
    if (path === '') throw new InitctlError('no-log-file', { job: found.reference.job });
    const safePath = await safePathOf(context, path);
    return { job: found.reference.job, instance, path, ...(safePath === undefined ? {} : { safePath }) };
  } catch (error) {
    if (error instanceof InitctlError && error.code === 'cannot-connect') return logOnDisk(context, error);
    if (error instanceof Error && error.name === UNKNOWN_METHOD) {
      throw new InitctlError('not-this-daemon', { what: 'where the output of a job is' }, { cause: error });
    }
    throw error;
  }
};

/** As tail(1) does it: who follows sees what there was a little before. */
const LINES_BEFORE = 10;

/** Print what comes, until the program is ended. */
const follow = ({ path, safePath = path }: JobLog, print: () => void): Promise<never> =>
  new Promise((_, reject) => {
    const look = (): void => {
      try {
        print();
      } catch (error) {
        stop();
        reject(error);
      }
    };
    const stop = watchFile(safePath, look);
    look();
  });

/** Prints bytes as they are, or each line as a JSON text. */
const printer = (context: CommandContext, { job, instance }: JobLog): ((bytes: Buffer) => void) => {
  const decoder = new StringDecoder('utf8');
  if (!context.options.has('json')) return (bytes) => context.writeRaw(1, decoder.write(bytes));
  let rest = '';
  return (bytes) => {
    const lines = (rest + decoder.write(bytes)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) context.output.answer(() => ({ job, instance, line }), String);
  };
};

/** `log JOB [KEY=VALUE]...`: what its processes have printed; with `--follow` also what they will. */
export const log: CommandHandler = async (context) => {
  const follows = context.options.has('follow');
  const lines = numberOption(context.options, 'lines', WHOLE) ?? (follows ? LINES_BEFORE : undefined);
  const found = await findLog(context);
  const file = new GrowingFile(found.safePath ?? found.path, found.safePath === undefined);
  const print = printer(context, found);
  const printNews = (): void => {
    for (const bytes of file.news()) print(bytes);
  };
  try {
    file.open();
    if (lines !== undefined) file.seekLines(lines);
  } catch (error) {
    throw unreadable(found.path, error);
  }
  // The job may not have printed anything yet: that is nothing, and no error.
  if (follows) await follow(found, printNews);
  printNews();
  file.close();
};
