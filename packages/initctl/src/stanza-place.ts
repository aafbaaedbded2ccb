import { type ConfSource, parseConf, type ResolvedJob, type StanzaName } from '@maverick/conf';

/** Where a stanza stands in a file. */
interface StanzaPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Finds the stanza that counts for a job, in its file or its override. */
export type FindStanza = (job: string, stanza: StanzaName) => StanzaPlace | undefined;

/** @param sources what the jobs were read from */
export const stanzaFinder =
  (sources: readonly ConfSource[], jobs: ReadonlyMap<string, ResolvedJob>): FindStanza =>
  (job, stanza) => {
    const resolved = jobs.get(job);
    // Where no override was applied, there are no origins.
    const file = resolved?.origins.findLast((origin) => origin.stanza === stanza)?.file ?? resolved?.file;
    const texts = sources.flatMap(({ dir, files }) =>
      files.map(({ path, text }) => ({ path: `${dir}/${path}`, text })),
    );
    const text = texts.find(({ path }) => path === file)?.text;
    if (file === undefined || text === undefined) return undefined;
    const nodes = parseConf(text).source.nodes;
    const found = nodes.findLast((node) => node.kind === 'stanza' && node.name === stanza);
    return found && { file, line: found.start.line };
  };
