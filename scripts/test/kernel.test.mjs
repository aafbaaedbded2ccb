import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { nodeOrReason, standaloneRoot } from '../lib/standalone-root.mjs';

/** A kernel that can boot by itself: with a serial console and initramfs, as those of distributions. */
const KERNEL = process.env.MAVERICK_KERNEL;
const QEMU = 'qemu-system-x86_64';

const reasonAgainst = () => {
  if (!KERNEL || !existsSync(KERNEL)) return 'MAVERICK_KERNEL names no kernel to boot';
  const missing = [QEMU, 'cpio'].find((tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0);
  return missing === undefined ? nodeOrReason().reason : `there is no ${missing}`;
};

const JOBS = {
  proof: `start on startup and started limited
task
console output
env PATH=/sbin:/bin
script
  while read -r source point type rest; do echo "mounted $point $type"; done < /proc/mounts
  initctl list
  read -r line < /proc/$(pid=$(status limited); echo \${pid##* })/cgroup
  echo "group $line"
  telinit u
  until initctl version > /dev/null 2>&1; do sleep 0.2; done
  status limited
  echo "the end"
end script
`,
  limited: 'start on startup\ncgroup pids max 50\nexec sleep 1000\n',
  // Ctrl-Alt-Del is the kernel's signal to process 1.
  keys: 'start on control-alt-delete\ntask\nconsole output\nscript\n  echo keys were pressed\nend script\n',
  end: 'start on stopped keys\ntask\nconsole output\nenv PATH=/sbin:/bin\nexec reboot -f\n',
};

/** The root as the kernel takes it: all of it in memory. */
const packed = (root) => {
  const image = `${root}.cpio`;
  onTestFinished(() => rmSync(image, { force: true }));
  const { status } = spawnSync('sh', ['-c', `find . | cpio --quiet -o -H newc > ${image}`], { cwd: root });
  expect(status).toBe(0);
  return image;
};

/** Boot it. What it writes to its console is `said`; `press` presses keys at it. */
const boot = (image) => {
  const monitor = `${image}.monitor`;
  const machine = ['-accel', 'tcg', '-cpu', 'max', '-m', '1024', '-nographic', '-no-reboot', '-net', 'none'];
  const kernel = ['-kernel', KERNEL, '-initrd', image, '-append', 'console=ttyS0 quiet panic=-1'];
  const ways = ['-serial', 'stdio', '-monitor', `unix:${monitor},server,nowait`];
  const child = spawn(QEMU, [...machine, ...kernel, ...ways], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let said = '';
  let look = () => {};
  child.stdout.setEncoding('latin1').on('data', (text) => {
    said += text.replaceAll('\r', '');
    look();
  });
  onTestFailed(() => console.log(said));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(monitor, { force: true });
  });
  const says = (text) =>
    new Promise((resolve, reject) => {
      look = () => said.includes(text) && resolve();
      look();
      child.once('close', () => reject(new Error(`the machine ended:\n${said}`)));
    });
  const press = (keys) => connect(monitor).end(`sendkey ${keys}\n`);
  return { says, press, ended, said: () => said };
};

test('a machine of its own: process 1 of a real kernel, from its start to its end', async ({ skip }) => {
  const reason = reasonAgainst();
  if (reason !== undefined) {
    console.log(`skipped: ${reason}`);
    skip(reason);
    return;
  }
  const root = await standaloneRoot(nodeOrReason().node);
  onTestFinished(() => rmSync(root, { recursive: true }));
  symlinkSync('/sbin/init', join(root, 'init'));
  for (const [name, text] of Object.entries(JOBS)) writeFileSync(join(root, 'etc/init', `${name}.conf`), text);
  const { says, press, ended, said } = boot(packed(root));
  await says('the end\n');
  const { pid } = /^limited start\/running, process (?<pid>\d+)$/m.exec(said()).groups;
  expect(said()).toContain('mounted /sys/fs/cgroup cgroup2\n');
  expect(said()).toMatch(/^group 0::\/upstart-\d+-1\/limited$/m);
  // Before the daemon executed itself anew, and after.
  expect(said().match(new RegExp(`^limited start/running, process ${pid}$`, 'gm'))).toHaveLength(2);
  press('ctrl-alt-delete');
  await ended;
  expect(said()).toMatch(/keys were pressed\n(.*\n)*?.*reboot: Restarting system\n$/);
  expect(said()).not.toContain('panic');
}, 180_000);
