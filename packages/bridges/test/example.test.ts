import { readdirSync, readFileSync } from 'node:fs';
import { connect as connectNet } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Scene, SOON } from './helpers/scene.js';

const EXAMPLE = join(import.meta.dirname, '../../../examples/bridge');
const jobs = Object.fromEntries(
  readdirSync(join(EXAMPLE, 'jobs')).map((file) => [
    file.replace(/\.conf$/, ''),
    readFileSync(join(EXAMPLE, 'jobs', file), 'utf8'),
  ]),
);

test('a bridge of one’s own to another project: it asks for what jobs want, and jobs start', async () => {
  const scene = await Scene.start({ bridge: 'time', jobs, env: { EXAMPLE } });
  await expect.poll(() => scene.state('queue-bridge'), SOON).toBe('running');
  const publish = (text: string) => connectNet(scene.path('run/example-queue')).end(`PUBLISH ${text}\n`);
  publish('news rain');
  publish('orders tea');
  await expect.poll(() => scene.output('order-tea'), SOON).toBe('order: tea\n');
  scene.write('news', 'start on queue TOPIC=news\ntask\nexec echo "news: $TEXT"');
  await scene.upstart.reloadConfiguration();
  const restarted = scene.upstart.restart();
  publish('orders coffee');
  await restarted;
  await expect.poll(() => scene.output('order-coffee'), SOON).toBe('order: coffee\n');
  await expect
    .poll(() => {
      publish('news sun');
      return scene.output('news');
    }, SOON)
    .toMatch(/^(news: sun\n)+$/);
});

test('it is as short as its page says', () => {
  expect(readFileSync(join(EXAMPLE, 'queue-bridge.mjs'), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(40);
});
