import { parseConf } from '@maverick/conf';
import { timed } from '../lib/measure.mjs';

export const name = 'parse-hostile';
export const description = 'parse of hostile text from 10 kB to 10 MB: the time per byte must not grow';

const ROUNDS = { 10000: 15, 100000: 9, 1000000: 3, 10000000: 1 };

/** Texts of about a size, each of which invites to do something again and again. */
const TEXTS = {
  'nested parentheses': (size) => `start on ${'('.repeat(size / 2)}a${')'.repeat(size / 2)}\n`,
  'many or': (size) => `start on ${'a or '.repeat(size / 5)}a\n`,
  'many or of while': (size) => `while ${'a or '.repeat(size / 5)}a\n`,
  'unclosed parentheses': (size) => 'start on (a or\n'.repeat(size / 15),
  'unclosed quotes': (size) => `${'exec "\n'.repeat(size / 7)}exec '\n`,
  'unknown stanzas': (size) => 'decription x\n'.repeat(size / 13),
  'NUL lines': (size) => '\0\n'.repeat(size / 2),
};

const sizeOf = (size) => (size < 1e6 ? `${size / 1e3} kB` : `${size / 1e6} MB`);

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare }) => {
  for (const [shape, make] of Object.entries(TEXTS)) {
    for (const [key, rounds] of Object.entries(ROUNDS)) {
      const text = make(Number(key));
      const document = JSON.stringify(text);
      await compare({
        label: `${shape}, ${sizeOf(Number(key))}`,
        rounds,
        work: { files: 1, bytes: text.length },
        subject: { name: 'parseConf', run: async () => timed(() => parseConf(text)) },
        reference: { name: 'JSON.parse of the same bytes', run: async () => timed(() => JSON.parse(document)) },
      });
    }
  }
};
