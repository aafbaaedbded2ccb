import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';

/** What others have parsed for ten years, as they do it: their regular expressions, substrings and scripts. */

const BIN = join(import.meta.dirname, '../bin');
const NAMES = ['initctl', 'start', 'stop', 'restart', 'reload', 'status'] as const;

const JOBS = {
  up: 'start on started network\nusage "up has no options"\nexec sleep 300\n',
  down: 'exec sleep 300\n',
  hung: 'reload signal USR1\nscript\n  trap "" USR1\n  while :; do sleep 1; done\nend script\n',
  'network-interface': 'start on net-device-added\ninstance $INTERFACE\nexec sleep 300\n',
  disabled: 'start on started network\nmanual\nexec sleep 300\n',
  juju: 'start on runlevel [2345]\nstop on runlevel [!2345]\nrespawn\nnormal exit 0\nenv K="go \\"quoted\\""\nexec sleep 300\n',
  app: 'pre-start script\nbash << "EOF"\n  true\nEOF\nend script\nstart on started network\nstop on stopping network\n',
  'app-web': 'start on starting app\nstop on stopping app\n',
  'app-web-1':
    "start on starting app-web\nstop on stopping app-web\nrespawn\nenv PORT=5000\nenv K='it'\"'\"'s'\nexec sleep 300\n",
  'net/dhcp': 'exec sleep 300\n',
  'needs-id': 'instance $ID\nexec sleep 300\n',
} as const;

const daemon = liveDaemon(JOBS);
let bin: string;

beforeAll(async () => {
  bin = join(daemon.folder, 'bin');
  mkdirSync(bin);
  for (const name of NAMES) symlinkSync(join(BIN, 'initctl.js'), join(bin, name));
  symlinkSync(join(BIN, 'runlevel.js'), join(bin, 'runlevel'));
  for (const words of ['up', 'hung', 'network-interface INTERFACE=lo']) sh(`start ${words}`);
}, 120_000);

/** `/sbin/initctl` and its like are ours. */
const sh = (script: string, env: Readonly<Record<string, string>> = {}) => {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script.replaceAll('/sbin/', `${bin}/`)], {
    encoding: 'utf8',
    env: { ...daemon.env, PATH: `${bin}:${daemon.env.PATH}`, ...env },
  });
  return { status, stdout, stderr, both: stdout + stderr };
};

describe('expressions', () => {
  test.each([
    { who: 'Ansible', command: '/sbin/initctl version', pattern: /\(upstart (.*)\)/, found: ['1.13.2'] },
    { who: 'Ansible', command: 'initctl status down', pattern: /stop\/waiting/, found: [] },
    { who: 'Ansible', command: 'initctl status up', pattern: /start\/running/, found: [] },
    { who: 'Puppet', command: 'initctl --version', pattern: /initctl \(upstart ([^)]*)\)/, found: ['1.13.2'] },
    { who: 'Puppet', command: '/sbin/status up', pattern: /start\//, found: [] },
    {
      who: 'Puppet',
      command: 'initctl list',
      pattern: /^(network-interface)\s\(([^)]+)\)/m,
      found: ['network-interface', 'lo'],
    },
    { who: 'Salt', command: '/sbin/initctl version', pattern: /upstart/, found: [] },
    {
      who: 'Chef',
      command: '/sbin/status up',
      pattern: /\S+ \(?(start|stop)?\)? ?[/ ](\w+)/,
      found: ['start', 'running'],
    },
    {
      who: 'Chef',
      command: '/sbin/status down',
      pattern: /\S+ \(?(start|stop)?\)? ?[/ ](\w+)/,
      found: ['stop', 'waiting'],
    },
    { who: 'Juju', command: 'status up', pattern: /^.* start\/running(?:, process (\d+))?\n$/, found: [/^\d+$/] },
    {
      who: 'Debian',
      command: "initctl version | awk '{ print $3 }' | tr -d ')'",
      pattern: /^(.*)\n$/,
      found: ['1.13.2'],
    },
    { who: 'Vagrant', command: 'initctl version', pattern: /upstart/, found: [] },
  ])('$who: $command has $pattern', ({ command, pattern, found }) => {
    const { both, status } = sh(command);
    expect(status).toBe(0);
    const groups = pattern.exec(both)?.slice(1);
    expect(groups).toEqual(found.map((value) => (value instanceof RegExp ? expect.stringMatching(value) : value)));
  });

  test('Juju sees that a job does not run', () => {
    expect(sh('status down').both).not.toMatch(/^.* start\/running(?:, process (\d+))?\n$/);
    expect(sh('status nosuch')).toMatchObject({ status: 1 });
  });
});

describe('scripts', () => {
  test.each([
    { who: 'Puppet', script: 'initctl version --quiet', stdout: '' },
    { who: 'Puppet', script: '/sbin/start up; echo $?', stdout: '1\n' },
    { who: 'Puppet', script: 'status network-interface INTERFACE=lo | grep -c "start/"', stdout: '1\n' },
    { who: 'Salt', script: "RUNLEVEL=2 PREVLEVEL=N runlevel | awk '{ print $2 }'", stdout: '2\n' },
    {
      who: 'Salt',
      script: 'start net/dhcp | grep -c start/running; status net/dhcp | grep -c start/running; stop net/dhcp',
      stdout: '1\n1\nnet/dhcp stop/waiting\n',
    },
    { who: 'Chef', script: '/sbin/start nosuch || echo raises', stdout: 'raises\n' },
    {
      who: 'Chef',
      script: '/sbin/status network-interface INTERFACE=lo | cut -d, -f1; /sbin/reload hung; echo $?',
      stdout: 'network-interface (lo) start/running\n0\n',
    },
    { who: 'Rex', script: 'initctl version | grep -c upstart', stdout: '1\n' },
    {
      who: 'Debian service',
      script: 'initctl version 2>/dev/null | grep -q upstart && echo upstart',
      stdout: 'upstart\n',
    },
    { who: 'Debian service', script: 'initctl status up >/dev/null 2>&1 && echo known', stdout: 'known\n' },
    { who: 'Debian service', script: 'initctl status nosuch >/dev/null 2>&1 || echo unknown', stdout: 'unknown\n' },
    { who: 'invoke-rc.d', script: "status up 2>/dev/null | grep -q ' start/' && echo running", stdout: 'running\n' },
    { who: 'invoke-rc.d', script: "status down 2>/dev/null | grep -q ' start/' || echo idle", stdout: 'idle\n' },
    {
      who: 'upstart-job',
      script: "initctl show-config -e disabled | grep -q '^  start on' || echo disabled",
      stdout: 'disabled\n',
    },
    {
      who: 'upstart-job',
      script: "initctl show-config -e up | grep -q '^  start on' && echo enabled",
      stdout: 'enabled\n',
    },
    {
      who: 'foreman',
      script: 'start up >/dev/null 2>&1 || restart up | sed "s/[0-9]*$/PID/"',
      stdout: 'up start/running, process PID\n',
    },
    {
      who: 'foreman',
      script: 'start app && status app-web && status app-web-1 | sed "s/[0-9]*$/PID/" && stop app && status app-web-1',
      stdout:
        'app start/running\napp-web start/running\napp-web-1 start/running, process PID\napp stop/waiting\napp-web-1 stop/waiting\n',
    },
    { who: 'capistrano', script: 'initctl reload-configuration; echo $?', stdout: '0\n' },
    {
      who: 'monit',
      script:
        'env -i UPSTART_SESSION=$UPSTART_SESSION PATH=/usr/bin:/bin /sbin/start needs-id ID=3 | sed "s/[0-9]*$/PID/"; /sbin/stop needs-id ID=3',
      stdout: 'needs-id (3) start/running, process PID\nneeds-id stop/waiting\n',
    },
    { who: 'cloud-init', script: 'initctl emit --no-wait cloud-config; echo $?', stdout: '0\n' },
    {
      who: 'Vagrant',
      script: '/sbin/initctl emit --no-wait vagrant-mounted MOUNTPOINT=/vagrant; echo $?',
      stdout: '0\n',
    },
    {
      who: 'a CIS audit',
      script:
        "initctl list | grep -v '^\\s' | awk '{print $1}' | sort -u | xargs -n1 initctl show-config | grep -A1 '^up$'",
      stdout: 'up\n  start on started network\n',
    },
    { who: 'a CIS audit', script: "initctl show-config disabled | grep -c '^\\s*start'", stdout: '0\n' },
    { who: 'a shell user', script: "initctl status up | grep -q 'start/running' && echo yes", stdout: 'yes\n' },
    { who: 'a shell user', script: "initctl status up | grep -q '/running' && echo yes", stdout: 'yes\n' },
    { who: 'a shell user', script: 'initctl status up | grep -qw running && echo yes', stdout: 'yes\n' },
    { who: 'a shell user', script: '[ "$(initctl status down)" = "down stop/waiting" ] && echo yes', stdout: 'yes\n' },
    {
      who: 'a shell user',
      script: "kill -0 $(initctl status up | sed 's/.*process //') && echo alive",
      stdout: 'alive\n',
    },
    {
      who: 'a shell user',
      script: "initctl list | grep -v stop | cut -d' ' -f1 | sort | xargs",
      stdout: 'hung network-interface up\n',
    },
    {
      who: 'completion',
      script: `initctl list | cut -d, -f1 | awk '$2 == "stop/waiting" { print $1 }' | grep -c '^down$'`,
      stdout: '1\n',
    },
    { who: 'wait-for-state', script: 'status up | grep -q "start/running" && echo there', stdout: 'there\n' },
    { who: 'a stock job', script: 'initctl set-env --global LANG=C && initctl get-env -g LANG', stdout: 'C\n' },
    { who: 'a stock job', script: 'initctl notify-disk-writeable; echo $?', stdout: '0\n' },
    {
      who: 'Ansible',
      script: 'initctl stop up && sleep 0.1; initctl start up | grep -c start/running',
      stdout: 'up stop/waiting\n1\n',
    },
  ])('$who: $script', ({ script, stdout }) => {
    expect(sh(script).stdout).toBe(stdout);
  });
});
