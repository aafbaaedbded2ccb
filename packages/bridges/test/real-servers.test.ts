import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
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

const NGINX = '/usr/sbin/nginx';
const hasNginx = spawnSync(NGINX, ['-v']).status === 0;
if (!hasNginx) console.log('skipped: no nginx (apt-get install nginx-light)');

test.skipIf(!hasNginx)(
  'nginx, which is told of its descriptors by a variable of its own, is started by the first request',
  async () => {
    const port = await freePort();
    const scene = await Scene.start({
      bridge: 'socket',
      jobs: {
        web: `start on socket PROTO=inet ADDR=127.0.0.1 PORT=${port}\nscript\n  export NGINX="$UPSTART_FD;"\n  exec ${NGINX} -p @HOME@ -c @HOME@/nginx.conf\nend script`,
      },
    });
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${scene.path(name)};`)
      .join(' ');
    writeFileSync(
      scene.path('nginx.conf'),
      `daemon off; pid ${scene.path('pid')}; error_log ${scene.path('error.log')}; events {}
     http { access_log off; ${temporary} server { listen 127.0.0.1:${port}; return 200 "by nginx"; } }`,
    );
    const ask = async () => (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text();
    expect(await ask()).toBe('by nginx');
    const pid = await scene.mainPid('web');
    await scene.upstart.job('web').stop();
    expect(await ask()).toBe('by nginx');
    expect(await scene.mainPid('web')).not.toBe(pid);
  },
);

const hasBus =
  spawnSync('dbus-daemon', ['--version']).status === 0 && spawnSync('dbus-send', ['--help']).error === undefined;
if (!hasBus) console.log('skipped: no dbus-daemon and dbus-send (apt-get install dbus)');

test.skipIf(!hasBus)('dbus-daemon with --address=systemd: is started by the first client of its socket', async () => {
  const scene = await Scene.start({
    bridge: 'socket',
    jobs: {
      bus: 'start on socket PROTO=unix PATH=@HOME@/bus\nexec dbus-daemon --session --nofork --nopidfile --address=systemd:',
    },
  });
  const address = `unix:path=${scene.path('bus')}`;
  const { stdout } = await promisify(execFile)('dbus-send', [
    `--bus=${address}`,
    '--print-reply',
    '--dest=org.freedesktop.DBus',
    '/',
    'org.freedesktop.DBus.GetId',
  ]);
  expect(stdout).toMatch(/string "[0-9a-f]{32}"/);
  expect(await scene.state('bus')).toBe('running');
});
