import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { formatDiagnostic, type JobConf, readConf } from '@maverick/conf';
import { decodeConf } from '@maverick/conf/files';
import type { CommandContext, CommandHandler } from '../command.js';
import { AnsweredNo } from '../errors.js';
import type { Output } from '../output.js';

/** What is wrong, in lines. */
class Refusal extends Error {}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The programs that the original runs have to be there, if they are named. */
const checkPrograms = ({ options }: CommandContext): void => {
  for (const key of ['initctl-path', 'upstart-path'] as const) {
    const path = options.get(key);
    if (path === undefined) continue;
    if (!isFile(path)) throw new Refusal(`Path ${path} does not exist`);
    if (!isExecutable(path)) throw new Refusal(`File ${path} not executable`);
  }
};

const checkedFile = ({ operands, options }: CommandContext): string => {
  const file = options.get('file') ?? operands[0] ?? '';
  if (file === '') throw new Refusal('Must specify configuration file');
  if (!isFile(file)) throw new Refusal(`File ${file} does not exist`);
  if (!file.endsWith('.conf')) throw new Refusal('File must end in .conf');
  return file;
};

/** The errors as the daemon logs them, without the folder. */
const checkSyntax = (file: string): JobConf => {
  const { conf, diagnostics } = readConf(decodeConf(readFileSync(file)), { file: basename(file) });
  if (conf !== undefined) return conf;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const lines = errors.map((error) => `init:${formatDiagnostic(error)}`);
  throw new Refusal([`File ${file}: syntax invalid:`, ...lines].join('\n'));
};

const SHELL = '/bin/sh';

const checkScripts = (file: string, { processes = {} }: JobConf, output: Output): void => {
  for (const [role, definition] of Object.entries(processes)) {
    if (!definition.script) continue;
    output.debug(`checking the ${role} script with ${SHELL}`);
    const { status, stderr } = spawnSync(SHELL, ['-n'], { input: definition.command, encoding: 'utf8' });
    if (status !== 0) {
      throw new Refusal(`File ${file}: shell syntax invalid in script section:\n${stderr.trimEnd()}`);
    }
  }
};

/** `init-checkconf FILE` @see init-checkconf(8) */
export const initCheckconf: CommandHandler = async (context) => {
  const { options, output } = context;
  try {
    const file = checkedFile(context);
    checkPrograms(context);
    output.debug(`reading ${file}`);
    const conf = checkSyntax(file);
    if (!options.has('noscript')) checkScripts(file, conf, output);
    output.message(`File ${file}: syntax ok`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    output.complain(`ERROR: ${error.message}`);
    throw new AnsweredNo();
  }
};
