/** A `start on` or `stop on` condition in reverse Polish order, as the job's D-Bus properties have it. */
export type Condition = readonly (readonly string[])[];

const OPERATORS = { '/AND': 'and', '/OR': 'or' } as const;

/** Which operator an element's first word is, if it is one. */
export const operatorOf = (token: string | undefined): 'and' | 'or' | undefined =>
  token === '/AND' || token === '/OR' ? OPERATORS[token] : undefined;

/**
 * The condition as an expression, each operator with its two sides in parentheses. Arguments are written as they are, so
 * one with a blank looks like two.
 */
export const conditionText = (condition: Condition): string => {
  const stack: string[] = [];
  for (const element of condition) {
    const operator = operatorOf(element[0]);
    if (operator === undefined) {
      stack.push(element.join(' '));
    } else {
      const [left = '', right = ''] = stack.splice(-2);
      stack.push(`(${left} ${operator} ${right})`);
    }
  }
  return stack.at(-1) ?? '';
};

/** What names a condition on a command line: words, or all of it as one word of the shell, as it stands in a job file. */
export const conditionWords = (operands: readonly string[]): readonly string[] =>
  operands.length === 1 ? operands.flatMap((operand) => operand.trim().split(/\s+/)) : operands;

/** Events whose first argument names a job. */
const JOB_EVENTS: ReadonlySet<string> = new Set(['starting', 'started', 'stopping', 'stopped']);

/** An event of a condition, with the job taken out of the arguments of a job event. */
export interface ConditionEvent {
  readonly event: string;
  readonly job: string | undefined;
  readonly env: readonly string[];
}

const JOB_KEY = 'JOB=';

const jobOf = (argument: string, position: number): string | undefined => {
  if (argument.startsWith(JOB_KEY)) return argument.slice(JOB_KEY.length);
  return position === 0 && !argument.includes('=') ? argument : undefined;
};

/** An element that is no operator. */
export const readEvent = ([event = '', ...args]: readonly string[]): ConditionEvent => {
  if (!JOB_EVENTS.has(event)) return { event, job: undefined, env: args };
  const position = args.findIndex((argument, index) => jobOf(argument, index) !== undefined);
  if (position === -1) return { event, job: undefined, env: args };
  return { event, job: jobOf(args[position] ?? '', position), env: args.toSpliced(position, 1) };
};

/** The events of a condition, from left to right. */
export const conditionEvents = (condition: Condition): ConditionEvent[] =>
  condition.filter(([token]) => operatorOf(token) === undefined).map(readEvent);

/** `EVENT (job: JOB, env: ARG...)`, the form that `initctl2dot` reads. */
export const conditionEventText = ({ event, job, env }: ConditionEvent): string =>
  `${event} (job:${job === undefined ? '' : ` ${job}`}, env:${env.map((argument) => ` ${argument}`).join('')})`;
