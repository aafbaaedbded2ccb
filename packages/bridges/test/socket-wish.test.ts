import { describe, expect, test } from 'vitest';
import { ConditionError } from '../src/condition-error.js';
import { readSocketWish } from '../src/socket-wish.js';

const codeOf = (words: string): string => {
  try {
    readSocketWish(words.split(' ').filter(Boolean));
    return 'none';
  } catch (error) {
    return error instanceof ConditionError ? error.code : String(error);
  }
};

test.each([
  { words: 'PROTO=inet PORT=80', env: 'PROTO=inet PORT=80 ADDR=0.0.0.0' },
  { words: 'ADDR=127.0.0.1 PORT=80 PROTO=inet', env: 'PROTO=inet PORT=80 ADDR=127.0.0.1' },
  { words: 'PORT=80 PROTO=inet6', env: 'PROTO=inet6 PORT=80 ADDR=::' },
  { words: 'PATH=/run/x PROTO=unix', env: 'PROTO=unix SOCKET_PATH=/run/x' },
  { words: 'SOCKET_PATH=@x PROTO=unix', env: 'PROTO=unix SOCKET_PATH=@x' },
  { words: 'PORT=80 ACCEPT=y PROTO=inet', env: 'PROTO=inet PORT=80 ADDR=0.0.0.0 ACCEPT=y' },
])('in any order, and the event in that of the original: $words', ({ words, env }) => {
  expect(readSocketWish(words.split(' ')).env.join(' ')).toBe(env);
});

test('everything about a file', () => {
  const { spec } = readSocketWish(
    'PROTO=unix PATH=/run/x TYPE=seqpacket BACKLOG=5 OWNER=root GROUP=0 MODE=0640'.split(' '),
  );
  expect(spec).toEqual({
    address: { family: 'unix', path: '/run/x' },
    type: 'seqpacket',
    backlog: 5,
    file: { mode: 0o640, uid: 0, gid: 0 },
    replaceStale: true,
  });
});

describe('what is refused', () => {
  test.each([
    ['', 'missing-variable'],
    ['PROTO=inet', 'missing-variable'],
    ['PROTO=unix', 'missing-variable'],
    ['80', 'no-variable-name'],
    ['PROTO=inet PORT=80 P=1', 'unknown-variable'],
    ['PROTO=inet PORT=80 PORT=81', 'repeated-variable'],
    ['PROTO=unix PATH=/x SOCKET_PATH=/y', 'repeated-variable'],
    ['PROTO=inet PORT=8?', 'not-plain'],
    ['PROTO=inet PORT=$PORT', 'not-plain'],
    ['PROTO!=inet PORT=80', 'not-plain'],
    ['PROTO=ipx PORT=80', 'bad-value'],
    ['PROTO=inet PORT=0', 'bad-value'],
    ['PROTO=inet PORT=65536', 'bad-value'],
    ['PROTO=inet PORT=80x', 'bad-value'],
    ['PROTO=inet PORT=80 ADDR=::1', 'bad-value'],
    ['PROTO=inet6 PORT=80 ADDR=127.0.0.1', 'bad-value'],
    ['PROTO=unix PATH=run/x', 'bad-value'],
    ['PROTO=unix PATH=@', 'bad-value'],
    ['PROTO=unix PATH=/x MODE=888', 'bad-value'],
    ['PROTO=unix PATH=/x OWNER=nobody-has-this-name', 'bad-value'],
    ['PROTO=unix PATH=/x GROUP=nobody-has-this-name', 'bad-value'],
    ['PROTO=inet PORT=80 TYPE=seqpacket', 'bad-value'],
    ['PROTO=inet PORT=80 ACCEPT=yes', 'bad-value'],
    ['PROTO=inet PORT=80 MODE=600', 'not-together'],
    ['PROTO=unix PATH=/x PORT=80', 'not-together'],
    ['PROTO=unix PATH=@x MODE=600', 'not-together'],
    ['PROTO=unix PATH=/x TYPE=dgram ACCEPT=y', 'not-together'],
    ['PROTO=inet PORT=80 MAX_CONNECTIONS=3', 'not-together'],
  ])('%s: %s', (words, code) => {
    expect(codeOf(words)).toBe(code);
  });
});
