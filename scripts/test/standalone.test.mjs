import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nodeOrReason, standaloneRoot } from '../lib/standalone-root.mjs';

const PROOF = `start on startup and time EVERY=100ms
task
env PATH=/sbin:/bin
script
  initctl version > /out/version
  initctl list > /out/list
  status sleeper > /out/status
  reboot -f > /out/reboot 2>&1 || :
  echo done > /out/done
end script
`;
const SLEEPER = 'start on starting proof\nscript\necho said by a job\nexec sleep 1000\nend script\n';

// As the kernel starts it: /proc is the daemon's to mount. Whatever goes wrong, it can't end the machine.
const IN_NAMESPACE = `mount --make-rprivate / && mount -t tmpfs tmpfs "$0/run" &&
  : > "$0/dev/null" && mount --bind /dev/null "$0/dev/null" && exec setpriv --bounding-set=-sys_boot --inh-caps=-sys_boot chroot "$0" /sbin/init --bridge time`;

/** Boot the root as a machine of its own would. Its namespaces end with the test. */
const boot = (root) => {
  const args = [
    '--pid',
    '--fork',
    '--kill-child',
    '--mount',
    '--net',
    '--uts',
    '--ipc',
    'sh',
    '-c',
    IN_NAMESPACE,
    root,
  ];
  const child = spawn('unshare', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return child;
};

/** The last file that the proof writes is there. */
const proven = async (root, child) => {
  const aborted = new AbortController();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const early = once(child, 'close').then(() => {
    throw new Error(`process 1 ended:\n${said}`);
  });
  const there = new Promise((resolve) => {
    watch(join(root, 'out'), { signal: aborted.signal }, (_, name) => name === 'done' && resolve());
  });
  await Promise.race([early, there]).finally(() => aborted.abort());
};

test('the standalone programs are process 1 and its clients where there is nothing else', async ({ skip }) => {
  const { node, reason } = nodeOrReason();
  if (node === undefined) {
    console.log(`skipped: ${reason}`);
    skip(reason);
    return;
  }
  const root = await standaloneRoot(node);
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, 'etc/init/proof.conf'), PROOF);
  writeFileSync(join(root, 'etc/init/sleeper.conf'), SLEEPER);
  const child = boot(root);
  await proven(root, child);
  const read = (name) => readFileSync(join(root, name), 'utf8');
  expect(read('out/version')).toBe('init (upstart 1.13.2)\n');
  expect(read('out/list')).toMatch(/^proof start\/running, process \d+\nsleeper start\/running, process \d+\n$/);
  // It is the system's own, and may ask the kernel; which refuses, as nothing in there may end a machine.
  expect(read('out/reboot')).toMatch(/Operation not permitted/);
  expect(read('out/status')).toMatch(/^sleeper start\/running, process \d+\n$/);
  expect(read('var/log/upstart/sleeper.log')).toMatch(/^said by a job\r?\n$/);
  // What a bus is told to execute is a program that is there, with words that it knows.
  const services = join(root, 'services');
  const install = ['dbus-activation', '--session', '--service-dir', services, 'install', 'org.example.Name'];
  spawnSync(join(root, 'opt/maverick/initctl'), install);
  const [, program, ...words] =
    /^Exec=(\S+) (.*)$/m.exec(readFileSync(join(services, 'org.example.Name.service'), 'utf8')) ?? [];
  const { stdout } = spawnSync(program, [...words.join(' ').split(' '), '--help'], { encoding: 'utf8' });
  expect(stdout).toMatch(/^Usage: initctl dbus-activation/);
  // One file under two names: the second costs nothing.
  const [daemon, client] = ['upstart', 'initctl'].map((name) => statSync(join(root, 'opt/maverick', name)).ino);
  expect(client).toBe(daemon);
}, 180_000);
