import { expect, test } from 'vitest';
import { commandLine } from '../src/command-line.js';

test.each([
  { command: 'sleep 60', argv: ['sleep', '60'] },
  { command: '/usr/bin/web  -p\t80\n--fast', argv: ['/usr/bin/web', '-p', '80', '--fast'] },
  { command: 'web #1 50% user@host a,b c:d', argv: ['web', '#1', '50%', 'user@host', 'a,b', 'c:d'] },
])('exec without a shell character is split at blanks and run directly: $command', ({ command, argv }) => {
  expect(commandLine({ script: false, command })).toEqual({ argv });
});

test.each([...'~`!$^&*()=|\\{}[];"\'<>?'])('%s in an exec line makes it the business of the shell', (character) => {
  const command = `run ${character}x`;
  expect(commandLine({ script: false, command })).toEqual({
    argv: ['/bin/sh', '-e', '-c', `exec run ${character}x`, '/bin/sh'],
  });
});

test.each([{ command: 'echo one' }, { command: 'echo one\n' }, { command: 'echo one\n\n' }])(
  'a script of one line is an argument of the shell: $command',
  ({ command }) => {
    expect(commandLine({ script: true, command })).toEqual({ argv: ['/bin/sh', '-e', '-c', 'echo one', '/bin/sh'] });
  },
);

test('words that a program gives are taken as they are', () => {
  const argv = ['/bin/echo', '$HOME; *', ''];
  expect(commandLine({ script: false, command: 'echo', argv })).toEqual({ argv });
});

test('a longer script is read from descriptor 9', () => {
  expect(commandLine({ script: true, command: 'echo one\necho two\n' })).toEqual({
    argv: ['/bin/sh', '-e', '/proc/self/fd/9'],
    script: 'echo one\necho two\n',
  });
});
