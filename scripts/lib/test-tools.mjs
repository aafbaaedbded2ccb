import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const onPath = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
const python = (...modules) =>
  spawnSync('/usr/bin/python3', ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' }).status === 0;

const libdbus = () => spawnSync('pkg-config', ['--exists', 'dbus-1'], { stdio: 'ignore' }).status === 0;

/** What the tests use from outside, the Debian package that brings it, and how to see that it is there. */
const TOOLS = [
  { name: 'dbus-send', debian: 'dbus-bin', present: () => onPath('dbus-send') },
  { name: 'dbus-daemon', debian: 'dbus-daemon', present: () => onPath('dbus-daemon') },
  { name: 'gdbus', debian: 'libglib2.0-bin', present: () => onPath('gdbus') },
  { name: 'busctl', debian: 'systemd', present: () => onPath('busctl') },
  { name: 'dot', debian: 'graphviz', present: () => onPath('dot') },
  { name: 'pkg-config', debian: 'pkg-config', present: () => onPath('pkg-config') },
  { name: "libdbus's development files", debian: 'libdbus-1-dev', present: libdbus },
  { name: "python3's dbus module", debian: 'python3-dbus', present: () => python('dbus.mainloop.glib') },
  { name: 'gdb', debian: 'gdb', present: () => onPath('gdb') },
  { name: 'valgrind', debian: 'valgrind', present: () => onPath('valgrind') },
  { name: 'musl-gcc', debian: 'musl-tools', present: () => onPath('musl-gcc') },
  { name: 'ip', debian: 'iproute2', present: () => onPath('ip') },
  { name: "python3's gi module", debian: 'python3-gi', present: () => python('gi.repository.GLib') },
];

const aptGet = (args) => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
};

/**
 * Bring what the tests need: from Debian's packages where we are root and can, else say what is missing. Tests that need
 * a missing tool skip themselves and say so.
 */
export const installTestTools = () => {
  const missing = TOOLS.filter((tool) => !tool.present());
  if (missing.length === 0) return;
  const packages = missing.map((tool) => tool.debian);
  if (process.getuid?.() === 0 && onPath('apt-get')) {
    console.error(`Installing for the tests: ${packages.join(' ')} …`);
    aptGet(['update', '-qq']);
    if (aptGet(['install', '-qq', '-y', '--no-install-recommends', ...packages])) return;
  }
  const names = missing.map((tool) => `${tool.name} (Debian package ${tool.debian})`).join(', ');
  console.error(`Missing for the tests: ${names}. The tests that need them will be skipped.`);
};
