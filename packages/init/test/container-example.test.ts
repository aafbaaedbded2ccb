import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { canBeMachine, TestMachine } from './helpers/test-machine.js';

vi.setConfig({ testTimeout: 120_000 });

const EXAMPLE = join(import.meta.dirname, '../../../examples/container');
const JOBS = join(EXAMPLE, 'jobs');
const files = Object.fromEntries(readdirSync(JOBS).map((name) => [name, readFileSync(join(JOBS, name), 'utf8')]));

/** The words of an instruction of the Dockerfile. */
const words = (instruction: string): string[] => {
  const [, list = '[]'] =
    new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(readFileSync(join(EXAMPLE, 'Dockerfile'), 'utf8')) ?? [];
  return JSON.parse(list) as string[];
};

describe.skipIf(!canBeMachine)('the example of a container', () => {
  test('comes up in order, and is stopped in order by what `docker stop` sends', async () => {
    const [, ...options] = words('ENTRYPOINT');
    const before = ['sh', '-c', 'mount -t proc proc /proc; mount -t devtmpfs dev /dev; exec "$0" "$@"'];
    const machine = new TestMachine({ args: [...options, ...words('CMD')], files, before });
    await machine.out.match(/web: up\n/);
    expect(await machine.initctl('status', 'web')).toMatch(/^web start\/running, process \d+\n/);
    machine.signal('SIGTERM');
    expect(await machine.ended).toEqual({ code: 0, signal: null });
    expect(machine.out.text.replace('tidy: done\n', '')).toBe('cache: up\nweb: up\nweb: down\ncache: down\n');
    expect(machine.out.text).toContain('tidy: done\n');
  });
});
