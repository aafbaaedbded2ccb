/**
 * Which differences from the original a mark of the parser explains: where it says that it mends a bug, and nowhere
 * else. A verdict is explained by the mark of the error, or of the stanza on whose lines the original stumbles; a field
 * by the mark of a stanza that sets it.
 */
import { canonical } from './json.mjs';

const errorsOf = ({ diagnostics }) => diagnostics.filter(({ severity }) => severity === 'error');
const mendsOf = (node) => ('mends' in node ? node.mends : []);
const lastLine = ({ start, text }) => start.line + text.split('\n').length - 1;

/**
 * The bug that explains why a file is accepted or rejected in another way than by the original.
 * @param found what `parseConf` gives
 * @param {number | undefined} line where the original finds its first error, if it does
 */
export const bugOfVerdict = (found, line) => {
  const { bug } = errorsOf(found)[0] ?? {};
  if (bug !== undefined || line === undefined) return bug;
  return found.source.nodes.find(
    (node) => mendsOf(node).length > 0 && node.start.line <= line && line <= lastLine(node),
  )?.mends[0];
};

/** Explains fields of jobs. `fieldsOf` says them of a definition. */
export const fieldExplainer = ({ parseConf, defineJob }, fieldsOf) => {
  const defaults = fieldsOf(defineJob({}));
  const sets = (text, field) => {
    const { conf } = parseConf(text, { strict: '1.13' });
    return conf !== undefined && canonical(fieldsOf(defineJob(conf))[field]) !== canonical(defaults[field]);
  };
  /** The original may cut a mended stanza into several: all that it or one of its lines sets is in question. */
  const touches = (node, field) => [node.text, ...node.text.split('\n')].some((text) => sets(text, field));
  return ({ source }, field) => source.nodes.find((node) => mendsOf(node).length > 0 && touches(node, field))?.mends[0];
};

/** Counts mended bugs by their numbers. */
export class MendedBugs {
  #counts = new Map();

  /** @param {string} bug */
  count(bug) {
    this.#counts.set(bug, (this.#counts.get(bug) ?? 0) + 1);
  }

  print() {
    const counts = [...this.#counts].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
    console.log(`mended bugs: ${counts.map(([bug, count]) => `${bug} ${count}`).join(', ') || 'none'}`);
  }
}
