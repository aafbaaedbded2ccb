import type { EnvironmentTarget } from '@maverick/dbus/client';
import type { CommandContext, CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';

/**
 * Whose variables: those of the job that the caller is a process of, else the table for all jobs.
 * @throws InitctlError `missing-job-name` where the job is known and its instance is not
 */
const targetOf = ({ options, env }: CommandContext): EnvironmentTarget | undefined => {
  const { UPSTART_JOB, UPSTART_INSTANCE } = env;
  if (options.has('table') || UPSTART_JOB === undefined) return undefined;
  if (UPSTART_INSTANCE === undefined) throw new InitctlError('missing-job-name', {});
  return { job: UPSTART_JOB, instance: UPSTART_INSTANCE };
};

/** `get-env VARIABLE`: its value. */
export const getEnv: CommandHandler = async (context) => {
  const [name] = context.operands;
  if (name === undefined) throw new InitctlError('missing-variable-name', {});
  const target = targetOf(context);
  const upstart = await context.connect();
  const value = await upstart.getEnv(name, target);
  // Not answer(): an empty value is an empty line.
  if (context.options.has('json')) context.output.answer(() => ({ name, value }), String);
  else context.output.message(value);
};

const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

const splitVariable = (variable: string): readonly [name: string, value: string] => {
  const [name = ''] = variable.split('=', 1);
  return [name, variable.slice(name.length + 1)];
};

/** `list-env`: `VARIABLE=VALUE` lines in the order of their bytes. */
export const listEnv: CommandHandler = async (context) => {
  const target = targetOf(context);
  const upstart = await context.connect();
  const variables = (await upstart.listEnv(target)).toSorted(byBytes);
  context.output.answer(
    () => ({ variables: Object.fromEntries(variables.map(splitVariable)) }),
    () => variables.join('\n'),
  );
};

/** `reset-env`: prints nothing. */
export const resetEnv: CommandHandler = async (context) => {
  const target = targetOf(context);
  const upstart = await context.connect();
  await upstart.resetEnv(target);
};

/** `set-env VARIABLE[=VALUE]...`: prints nothing. */
export const setEnv: CommandHandler = async (context) => {
  const { operands, options } = context;
  if (operands.length === 0) throw new InitctlError('missing-variable-value', {});
  const target = targetOf(context);
  const upstart = await context.connect();
  await upstart.setEnv(operands, { replace: !options.has('retain'), ...(target === undefined ? {} : { target }) });
};

/** `unset-env VARIABLE...`: prints nothing. */
export const unsetEnv: CommandHandler = async (context) => {
  const { operands } = context;
  if (operands.length === 0) throw new InitctlError('missing-variable-name', {});
  const target = targetOf(context);
  const upstart = await context.connect();
  await upstart.unsetEnv(operands, target);
};
