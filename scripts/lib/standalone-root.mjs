// A root file system for tests: the standalone programs, and next to nothing else.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ltsNode } from './lts-node.mjs';
import { makeStandalone } from './standalone.mjs';

/** The Node for it, or why there is none. A binary of the LTS that can't be fetched (no registry) is no fault of the programs. */
export const nodeOrReason = () => {
  if (process.getuid?.() !== 0) return { reason: 'a root file system of its own needs root' };
  try {
    return { node: ltsNode() };
  } catch {
    return { reason: 'the newest LTS of Node.js can not be fetched' };
  }
};

/** The libraries that programs are linked with, and their loader. */
const librariesOf = (programs) => {
  const { stdout } = spawnSync('ldd', programs, { encoding: 'utf8' });
  return new Set(stdout.match(/\/\S+\.so[.\d]*/g));
};

const FOLDERS = ['etc/init', 'proc', 'sys', 'dev', 'run', 'out', 'sbin'];
const CLIENTS = ['initctl', 'status', 'reboot', 'telinit'];

/**
 * Make a root with nothing in it but the programs, a shell, sleep, and what they are linked with.
 * @returns a new folder, the caller's to remove
 */
export const standaloneRoot = async (node) => {
  const root = mkdtempSync(join(tmpdir(), 'maverick-root-'));
  const copy = (file) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    copyFileSync(file, join(root, file));
  };
  for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true });
  const programs = join(root, 'opt/maverick');
  await makeStandalone(node, programs);
  const native = ['maverick.node', 'spawn-helper', 'log-process'].map((name) =>
    join(programs, 'lib/spawner/build', name),
  );
  const tools = ['/bin/sh', '/bin/sleep'];
  for (const file of [...tools, ...librariesOf([join(programs, 'upstart'), ...native, ...tools])]) copy(file);
  symlinkSync('/opt/maverick/upstart', join(root, 'sbin/init'));
  for (const name of CLIENTS) symlinkSync('/opt/maverick/initctl', join(root, 'sbin', name));
  return root;
};
