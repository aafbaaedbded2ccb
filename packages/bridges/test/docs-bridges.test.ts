import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { freePort, Scene } from './helpers/scene.js';

/** The examples of docs/bridges.md, run as a reader would, but in a folder and with a port of their own. */

const page = readFileSync(join(import.meta.dirname, '../../../docs/bridges.md'), 'utf8');

const examples = [
  ...page.matchAll(/^```upstart\n# ([^\n]*)\.conf\n(.*?)^```\n\n```sh\n(.*?)^```\n\n```text\n(.*?)^```/gms),
].map(([, name = '', job = '', commands = '', output = '']) => ({ name, job, commands, output }));

test('there are examples', () => expect(examples).toHaveLength(3));

test.each(examples)('$name', async ({ name, job, commands, output }) => {
  const port = String(await freePort());
  const adapt = (text: string, home: string) => text.replaceAll('7007', port).replaceAll('/tmp/', `${home}/`);
  const scene = await Scene.start({
    bridge: 'socket,file,time',
    way: 'inside',
    jobs: { [name]: adapt(job, '@HOME@') },
  });
  const initctl = join(import.meta.dirname, '../../initctl/bin/initctl.js');
  const script = `initctl() { '${process.execPath}' '${initctl}' "$@"; }\n${adapt(commands, scene.home)}`;
  const env = {
    PATH: process.env['PATH'],
    UPSTART_SESSION: scene.address,
    XDG_RUNTIME_DIR: join(scene.home, 'run'),
  };
  expect((await promisify(execFile)('sh', ['-eu', '-c', script], { env })).stdout).toBe(output);
});
