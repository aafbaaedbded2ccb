import { watch, writeFileSync } from 'node:fs';
import { printable } from '../cells.js';
import { painter } from '../colours.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { AnsweredNo, InitctlError } from '../errors.js';
import { junitText } from '../junit.js';
import {
  type ScenarioPlace,
  type ScenarioResult,
  scenarioPlace,
  type TestedFile,
  testPlace,
} from '../scenario-files.js';

/** Editors write a file in several steps. */
const REST_MS = 100;

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

interface Tested {
  readonly files: readonly TestedFile[];
  /** What is wrong with job files. */
  readonly complaints: readonly string[];
}

const failedIn = ({ results }: TestedFile): readonly ScenarioResult[] =>
  results.filter(({ failure }) => failure !== undefined);

const isGood = ({ files, complaints }: Tested): boolean =>
  complaints.length === 0 && files.every((file) => file.problems.length === 0 && failedIn(file).length === 0);

const fileLines = (context: CommandContext, { path, problems, results }: TestedFile): string[] => {
  const paint = painter(context.hasColours(1));
  return [
    paint('bold', printable(path)),
    ...problems.map(({ line, message }) => paint('bad', `${printable(path)}:${line}: ${printable(message)}`)),
    ...results.flatMap(({ name, failure }) =>
      failure === undefined
        ? [`  ok      ${printable(name)}`]
        : [
            `  ${paint('bad', 'FAILED')}  ${printable(name)}`,
            paint('bad', `${printable(path)}:${failure.line}: ${printable(failure.message)}`),
            ...failure.because.map((sentence) => `    ${printable(sentence)}`),
          ],
    ),
  ];
};

const summary = ({ files, complaints }: Tested): string => {
  const count = (of: (file: TestedFile) => number): number => files.reduce((sum, file) => sum + of(file), 0);
  const broken = count(({ problems }) => problems.length) + complaints.length;
  const unreadable = broken === 0 ? '' : `, ${counted(broken, 'mistake')} in files`;
  const scenarios = count(({ results }) => results.length);
  return `${counted(scenarios, 'scenario')}, ${count((file) => failedIn(file).length)} failed${unreadable}`;
};

const report = (context: CommandContext, tested: Tested): void => {
  const { files, complaints } = tested;
  context.output.answer(
    () => ({
      ok: isGood(tested),
      complaints,
      files: files.map(({ path, problems, results }) => ({
        file: path,
        problems,
        scenarios: results.map(({ name, line, failure = null }) => ({ name, line, ok: failure === null, failure })),
      })),
    }),
    () => [...files.flatMap((file) => fileLines(context, file)), summary(tested)].join('\n'),
  );
};

const testAll = (context: CommandContext, places: readonly ScenarioPlace[]): Tested => {
  const complaints = new Set<string>();
  const below = context.occurrences.get('confdir') ?? [];
  const files = places.flatMap((place) => testPlace(place, below, (text) => complaints.add(text)));
  for (const complaint of complaints) context.output.error(complaint);
  const tested = { files, complaints: [...complaints] };
  report(context, tested);
  const junit = context.options.get('junit');
  if (junit !== undefined) writeFileSync(junit, junitText(files));
  return tested;
};

/** What is wrong now may be mended in a moment. */
const testOnce = (context: CommandContext): void => {
  try {
    testAll(context, context.operands.map(scenarioPlace));
  } catch (error) {
    if (!(error instanceof InitctlError)) throw error;
    context.output.error(error.message);
  }
};

/** Test again whenever something changes; until the process is ended. */
const testOn = (context: CommandContext): Promise<never> =>
  new Promise((_, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const again = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        try {
          testOnce(context);
        } catch (error) {
          reject(error);
        }
      }, REST_MS);
    };
    const places = [
      ...context.operands.map((path) => scenarioPlace(path).dir),
      ...(context.occurrences.get('confdir') ?? []),
    ];
    for (const dir of places) watch(dir, { recursive: true }, again).on('error', reject);
    testOnce(context);
  });

/** `test DIR...`: play the scenarios beside job files. */
export const test: CommandHandler = async (context) => {
  if (context.operands.length === 0) throw new InitctlError('missing-directory', {});
  if (context.options.has('watch')) return testOn(context);
  if (!isGood(testAll(context, context.operands.map(scenarioPlace)))) throw new AnsweredNo();
};
