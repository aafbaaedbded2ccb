import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROGRAMS } from '../src/program-table.js';

/**
 * The programs as they are called, in namespaces of their own and without the right to end anything: what were to go
 * wrong here would end the namespace at worst.
 */

const BIN = join(import.meta.dirname, '../bin');
const SAFE = ['--pid', '--net', '--mount', '--mount-proc', '--kill-child'];
/** With nothing in the places of the machine's own records. */
const EMPTY = 'for folder in /run /var/log; do mount -t tmpfs none $folder || exit 99; done; exec "$@"';
const POWERLESS = ['sh', '-c', EMPTY, 'sh', 'setpriv', '--bounding-set=-sys_boot', '--inh-caps=-sys_boot'];

const call = (program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const node = [process.execPath, join(BIN, `${program}.js`), ...args];
  const { status, stdout, stderr } = spawnSync('unshare', [...SAFE, ...POWERLESS, ...node], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  return { status, stdout, stderr };
};

const cannot = spawnSync('unshare', [...SAFE, ...POWERLESS, 'true']).status === 0 ? undefined : 'needs root';

test('every program has a file to be linked to', () => {
  const files = readdirSync(BIN).flatMap((name) => /^(.*)\.js$/.exec(name)?.[1] ?? []);
  expect(files.sort()).toEqual(['initctl', ...Object.keys(PROGRAMS)].sort());
});

describe.skipIf(cannot)(`in namespaces${cannot === undefined ? '' : ` (${cannot})`}`, () => {
  test.each([
    { program: 'reboot', told: 'reboot: pretending to reboot(restart)\n' },
    { program: 'halt', told: 'halt: pretending to reboot(halt)\n' },
    { program: 'poweroff', told: 'poweroff: pretending to reboot(poweroff)\n' },
  ])('$program -nf, pretending', ({ program, told }) => {
    const env = { MAVERICK_PRETEND: '1', RUNLEVEL: '6' };
    expect(call(program, ['-nf'], env)).toEqual({ status: 0, stdout: told, stderr: '' });
  });

  test.each(['reboot', 'halt', 'poweroff'])('%s of a folder of somebody’s ends nothing', (program) => {
    const refusal = `${program}: Not done: this program is not the /sbin/${program} of this system\n`;
    for (const args of [['-nf'], []]) {
      expect(call(program, args)).toEqual({ status: 1, stdout: '', stderr: refusal });
    }
  });

  test('telinit and shutdown where no init listens', () => {
    expect(call('telinit', ['2'])).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'telinit: Unable to connect to Upstart: Failed to connect to socket /com/ubuntu/upstart: Connection refused\n',
    });
    expect(call('shutdown', ['-r', 'now'], { MAVERICK_PRETEND: '1' })).toEqual({
      status: 0,
      stdout: 'shutdown: pretending to write 384 bytes to /run/initctl\n',
      stderr: '',
    });
  });
});
