import { expect, test } from 'vitest';
import { parseDeclaration } from '../src/session-declaration.js';

test.each([
  { text: 'chroot /srv/a', spec: { kind: 'chroot', root: '/srv/a' }, manual: false },
  {
    text: '# For builds.\n\n  chroot\t/srv/a b  # here\nmanual\n',
    spec: { kind: 'chroot', root: '/srv/a b' },
    manual: true,
  },
  { text: 'description of alice\nuser alice\n', spec: { kind: 'user', user: 'alice' }, manual: false },
])('$text declares $spec', ({ text, spec, manual }) => {
  expect(parseDeclaration(text)).toEqual({ ok: true, spec, manual });
});

test.each([
  { text: 'chroot srv', line: 1, message: 'expected chroot and an absolute path' },
  { text: 'chroot', line: 1, message: 'expected chroot and an absolute path' },
  { text: '\nuser a/b', line: 2, message: 'expected user and a name' },
  { text: 'chroot /a\nuser b', line: 2, message: 'expected one of chroot and user, once' },
  { text: 'chroot /a\nchroot /b', line: 2, message: 'expected one of chroot and user, once' },
  { text: 'user a\nmanual yes', line: 2, message: 'expected manual alone' },
  { text: 'root /a', line: 1, message: "unknown stanza 'root': expected chroot, user, manual, description" },
  { text: 'manual', line: undefined, message: 'expected one of chroot and user, once' },
  { text: '# nothing', line: undefined, message: 'expected one of chroot and user, once' },
])('$text is wrong in line $line', ({ text, line, message }) => {
  expect(parseDeclaration(text)).toEqual({ ok: false, message, ...(line === undefined ? {} : { line }) });
});
