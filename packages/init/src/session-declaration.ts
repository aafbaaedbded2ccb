import type { SessionSpec } from '@maverick/supervisor';

/** A session that is there without anybody calling. */
export interface SessionDeclaration {
  readonly spec: SessionSpec;
  /** Nothing starts by itself: `startup` is not emitted in it. */
  readonly manual: boolean;
}

export type ParsedDeclaration =
  | ({ readonly ok: true } & SessionDeclaration)
  /** `line`: counted from 1; absent where something is missing. */
  | { readonly ok: false; readonly line?: number; readonly message: string };

interface Draft {
  readonly spec?: SessionSpec;
  readonly manual?: true;
}

/** What a line makes of what the lines before it said; a text says what is wrong with it. */
type Stanza = (value: string, draft: Draft) => Draft | string;

const MORE = 'expected one of chroot and user, once';

const STANZAS: ReadonlyMap<string, Stanza> = new Map<string, Stanza>([
  [
    'chroot',
    (root, draft) => {
      if (draft.spec !== undefined) return MORE;
      return root.startsWith('/')
        ? { ...draft, spec: { kind: 'chroot', root } }
        : 'expected chroot and an absolute path';
    },
  ],
  [
    'user',
    (user, draft) => {
      if (draft.spec !== undefined) return MORE;
      return /^[^\s/]+$/.test(user) ? { ...draft, spec: { kind: 'user', user } } : 'expected user and a name';
    },
  ],
  ['manual', (value, draft) => (value === '' ? { ...draft, manual: true } : 'expected manual alone')],
  // For people.
  ['description', (_value, draft) => draft],
]);

/**
 * Read a file of a `sessions.d` directory: a stanza a line, `chroot DIR` or `user NAME`, and `manual` and `description TEXT`
 * where they are wanted; `#` begins a comment.
 */
export const parseDeclaration = (text: string): ParsedDeclaration => {
  let draft: Draft = {};
  for (const [index, line] of text.split('\n').entries()) {
    const [, word = '', value = ''] = /^\s*([^\s#]*)\s*(.*?)\s*$/.exec(line.replace(/(^|\s)#.*/, '')) ?? [];
    if (word === '') continue;
    const next =
      STANZAS.get(word)?.(value, draft) ?? `unknown stanza '${word}': expected ${[...STANZAS.keys()].join(', ')}`;
    if (typeof next === 'string') return { ok: false, line: index + 1, message: next };
    draft = next;
  }
  const { spec, manual = false } = draft;
  return spec === undefined ? { ok: false, message: MORE } : { ok: true, spec, manual };
};
