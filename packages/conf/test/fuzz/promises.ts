/** What the parser promises for any text. */

import type { Diagnostic } from '../../src/diagnostic.js';
import { grammarRecognizer } from '../../src/grammar.js';
import type { JobConf } from '../../src/job-conf.js';
import { mergeConf } from '../../src/merge.js';
import { parseConf, readConf } from '../../src/parse.js';
import { print } from '../../src/source.js';

const isInside = ({ line, column, length }: Diagnostic, lines: readonly string[]): boolean =>
  line >= 1 && line <= lines.length && column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1 && length >= 0;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Settings in an order that does not depend on that of the stanzas. */
const sorted = (conf: JobConf): unknown => Object.entries(conf).sort(([a], [b]) => (a < b ? -1 : 1));

/** The promises that are broken for this text. */
export const brokenPromises = (text: string): readonly string[] => {
  const { conf, source, diagnostics } = parseConf(text);
  const broken: string[] = [];
  const promise = (name: string, kept: boolean): void => {
    if (!kept) broken.push(name);
  };
  const failed = diagnostics.some(({ severity }) => severity === 'error');
  promise('printing gives the text back', print(source) === text);
  promise('there is a job or an error', failed === (conf === undefined));
  if (diagnostics.length > 0) {
    const lines = text.split('\n');
    promise(
      'diagnostics are inside the file',
      diagnostics.every((diagnostic) => isInside(diagnostic, lines)),
    );
  }
  if (conf) {
    const over = mergeConf(conf, {}).conf;
    promise('an empty override changes nothing', same(sorted(over), sorted(conf)));
  }
  return broken;
};

/** Those that take longer to see: the other ways to read the same text. */
export const brokenComparisons = (text: string): readonly string[] => {
  const parsed = parseConf(text);
  const { conf, diagnostics } = parsed;
  return [
    ...(same(readConf(text), { conf, diagnostics }) ? [] : ['the source makes no difference']),
    ...(same(parseConf(text, { recognizer: grammarRecognizer }), parsed) ? [] : ['the grammar reads the same']),
  ];
};
