import { parseConf, readConf } from '@maverick/conf';
import { grammarRecognizer } from '@maverick/conf/grammar';
import { PieceStream } from '../../packages/conf/dist/lexer.js';
import { jobTexts } from '../lib/job-texts.mjs';
import { timed } from '../lib/measure.mjs';

export const name = 'parse';
export const description = 'parse of many job files, warm, beside the bare lexer and JSON.parse of the same bytes';

const START = { offset: 0, line: 1, column: 1 };

const lex = (text) => {
  const stream = new PieceStream(text);
  stream.seek(START);
  while (stream.ahead) stream.next();
};

const SUBJECTS = {
  parseConf: (text) => parseConf(text),
  'readConf, no source': (text) => readConf(text),
  'by the grammar': (text) => parseConf(text, { recognizer: grammarRecognizer }),
  'bare lexer': lex,
};

const each = (items, work) =>
  timed(() => {
    for (const item of items) work(item);
  });

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare }) => {
  const { origin, texts } = jobTexts();
  const lines = texts.reduce((sum, text) => sum + text.split('\n').length - 1, 0);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const documents = texts.map((text) => JSON.stringify(text));
  const about = `${texts.length} ${origin}, ${(lines / texts.length).toFixed(0)} lines each`;
  for (const [label, subject] of Object.entries(SUBJECTS)) {
    await compare({
      label,
      rounds: 15,
      work: { files: texts.length, bytes },
      subject: { name: `each way to read ${about}`, run: async () => each(texts, subject) },
      reference: {
        name: 'JSON.parse of the same bytes, each file as one string',
        run: async () => each(documents, (document) => JSON.parse(document)),
      },
    });
  }
};
