import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { freePort, Scene } from './helpers/scene.js';

const LIGHTTPD = '/usr/sbin/lighttpd';
const hasLighttpd = spawnSync(LIGHTTPD, ['-v']).status === 0;
if (!hasLighttpd) console.log('skipped: no lighttpd (apt-get install lighttpd)');

test.skipIf(!hasLighttpd)(
  'lighttpd, written for systemd, is started by the first request, and answers it',
  async () => {
    const port = await freePort();
    const scene = await Scene.start({
      bridge: 'socket',
      jobs: {
        web: `start on socket PROTO=inet ADDR=127.0.0.1 PORT=${port}\nrespawn\nexec ${LIGHTTPD} -D -f @HOME@/lighttpd.conf`,
      },
    });
    mkdirSync(scene.path('www'));
    writeFileSync(scene.path('www/index.html'), 'hello\n');
    writeFileSync(
      scene.path('lighttpd.conf'),
      [
        'server.systemd-socket-activation = "enable"',
        'server.bind = "127.0.0.1"',
        `server.port = ${port}`,
        `server.document-root = "${scene.path('www')}"`,
        'index-file.names = ("index.html")',
      ].join('\n'),
    );
    const ask = async () => (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text();
    expect(await ask()).toBe('hello\n');
    const pid = await scene.mainPid('web');
    process.kill(pid ?? Number.NaN, 'SIGKILL');
    expect(await ask()).toBe('hello\n');
    expect(await scene.mainPid('web')).not.toBe(pid);
  },
);
