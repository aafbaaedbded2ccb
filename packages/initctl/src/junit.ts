import type { TestedFile } from './scenario-files.js';

/** The reports that build servers read. @see https://github.com/testmoapp/junitxml */

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text in XML: of control characters it has only three. */
const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
    .replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('');

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

const suite = ({ path, problems, results, ms }: TestedFile): string[] => {
  const broken = problems.map(
    ({ line, message }) =>
      `    <testcase${attributes({ name: `line ${line}`, classname: path })}><error${attributes({ message: `${path}:${line}: ${message}` })}/></testcase>`,
  );
  const cases = results.flatMap(({ name, failure, ms: took }) => {
    const head = `    <testcase${attributes({ name, classname: path, time: seconds(took) })}`;
    if (failure === undefined) return [`${head}/>`];
    const { line, message, because } = failure;
    const text = [`${path}:${line}: ${message}`, ...because].join('\n');
    return [`${head}>`, `      <failure${attributes({ message })}>${escaped(text)}</failure>`, '    </testcase>'];
  });
  const counts = {
    name: path,
    tests: results.length + problems.length,
    failures: results.filter(({ failure }) => failure !== undefined).length,
    errors: problems.length,
    time: seconds(ms),
  };
  return [`  <testsuite${attributes(counts)}>`, ...broken, ...cases, '  </testsuite>'];
};

/** The results as JUnit XML. */
export const junitText = (files: readonly TestedFile[]): string =>
  ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...files.flatMap(suite), '</testsuites>', ''].join('\n');
