import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.mjs';

const UPSTART = join(ROOT, 'packages/init/bin/upstart.js');
const nameOf = (number) => `job-${String(number).padStart(4, '0')}`;
const numbers = (count) => Array.from({ length: count }, (_, index) => index + 1);

/** A directory for each service, whose `run` is the service itself: no shell in between. */
const runDirectories = (folder, count, service) => {
  const services = join(folder, 'services');
  for (const number of numbers(count)) {
    const dir = join(services, nameOf(number));
    mkdirSync(dir, { recursive: true });
    symlinkSync(service, join(dir, 'run'));
  }
  return services;
};

const maverickJobs = (folder, count, text) => {
  const confDir = join(folder, 'conf');
  mkdirSync(confDir);
  for (const number of numbers(count)) writeFileSync(join(confDir, `${nameOf(number)}.conf`), text(number));
  return confDir;
};

/** The daemon on a configuration directory. */
const maverickCommand = (confDir, logDir) => [
  process.execPath,
  UPSTART,
  '--user',
  '--no-dbus',
  '--confdir',
  confDir,
  '--logdir',
  logDir,
];

const supervisordText = (folder, count, service) => {
  const head = `[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=${folder}/pid\nminfds=${count * 4 + 100}\nloglevel=critical\n`;
  const program = (number) =>
    `[program:${nameOf(number)}]\ncommand=${service}\nautorestart=true\nstdout_logfile=NONE\nstderr_logfile=NONE\n`;
  return head + numbers(count).map(program).join('\n');
};

/**
 * Who is measured. `needs`: programs that have to be there, as Debian's packages have them; `most`: how many services it can
 * have; `prepare`: writes what it needs below a folder of its own, and says how it is started; `stop`: the signal that has it
 * end everything.
 */
export const PEERS = [
  {
    name: 'maverick',
    needs: [],
    stop: 'SIGTERM',
    prepare: (folder, count, service) =>
      maverickCommand(
        maverickJobs(folder, count, () => `start on startup\nrespawn\nconsole none\nexec ${service}\n`),
        folder,
      ),
  },
  {
    name: 'runit',
    needs: ['runsvdir', 'runsv'],
    stop: 'SIGHUP',
    prepare: (folder, count, service) => ['runsvdir', runDirectories(folder, count, service)],
  },
  {
    name: 's6',
    needs: ['s6-svscan', 's6-supervise'],
    stop: 'SIGTERM',
    prepare: (folder, count, service) => ['s6-svscan', '-c', '4000', runDirectories(folder, count, service)],
  },
  {
    name: 'daemontools',
    needs: ['svscan', 'supervise', 'svc'],
    most: 1000,
    // svscan itself ends at once and leaves the rest to supervise.
    stopWith: (folder) => ['/bin/sh', '-c', `exec svc -dx ${folder}/services/*`],
    stop: 'SIGTERM',
    prepare: (folder, count, service) => ['svscan', runDirectories(folder, count, service)],
  },
  {
    name: 'supervisord',
    needs: ['supervisord'],
    stop: 'SIGTERM',
    prepare: (folder, count, service) => {
      writeFileSync(join(folder, 'supervisord.conf'), supervisordText(folder, count, service));
      return ['supervisord', '-c', join(folder, 'supervisord.conf')];
    },
  },
  {
    name: 'dinit',
    needs: ['dinit'],
    stop: 'SIGTERM',
    prepare: (folder, count, service) => {
      const dir = join(folder, 'dinit.d');
      mkdirSync(dir);
      const text = `type = process\ncommand = ${service}\nrestart = true\nrestart-limit-count = 0\n`;
      for (const number of numbers(count)) writeFileSync(join(dir, nameOf(number)), text);
      const all = numbers(count).map((number) => `waits-for = ${nameOf(number)}\n`);
      writeFileSync(join(dir, 'boot'), `type = internal\n${all.join('')}`);
      return ['dinit', '--user', '--quiet', '-d', dir, '-p', join(folder, 'socket')];
    },
  },
];

const isThere = (program) =>
  (process.env.PATH ?? '').split(':').some((dir) => dir !== '' && existsSync(join(dir, program)));

/** The programs that a peer lacks here. */
export const missing = ({ needs }) => needs.filter((program) => !isThere(program));
