import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '@maverick/dbus';
import { describe, expect, onTestFinished, test } from 'vitest';
import { missingSystemBus, TestBus } from '../../dbus/test/helpers/bus.js';
import { SHIPPED_POLICY } from '../../dbus/test/helpers/policy.js';
import { TestDaemon } from './helpers/test-daemon.js';

/** A bus like that of a system, with the policy that is shipped and that of the service: nothing else is needed. */

const run = promisify(execFile);
const SERVER = 'com.example.Server';
const NAMED_SERVICE = join(import.meta.dirname, 'fixtures/named-service.mjs');
const SOON = { timeout: 60_000 };
const missing = missingSystemBus();

const SERVICE_POLICY = `<busconfig>
  <policy user="root"><allow own="${SERVER}"/></policy>
  <policy context="default"><allow send_destination="${SERVER}"/></policy>
</busconfig>
`;

/** A daemon with this job on such a bus, and a stock caller: dbus-send. */
const stage = async (conf: string) => {
  const policies = { 'Upstart.conf': SHIPPED_POLICY, 'server.conf': SERVICE_POLICY };
  const bus = await new TestBus('system', { policies, args: ['--systemd-activation'] }).start();
  onTestFinished(() => bus.stop());
  chmodSync(bus.folder, 0o755);
  bus.addService(SERVER, ['Exec=/bin/false', 'User=root', `SystemdService=${SERVER}`]);
  new TestDaemon({ files: { 'server.conf': conf }, env: { DBUS_SESSION_BUS_ADDRESS: bus.address } });
  const upstart = await connect({ bus: bus.address });
  onTestFinished(() => upstart.close());
  await expect.poll(() => upstart.version().catch(() => ''), SOON).toBe('init (upstart 1.13.2)');
  const send = (destination: string, path: string, ...call: string[]) =>
    run('dbus-send', [`--bus=${bus.address}`, '--print-reply=literal', `--dest=${destination}`, path, ...call], {
      // Far below the 25 seconds after which the bus gives up by itself.
      timeout: 60_000,
    }).then(
      ({ stdout }) => stdout.trim(),
      ({ stderr }: { stderr: string }) => stderr.trim(),
    );
  return {
    callServer: () => send(SERVER, '/com/ubuntu/Upstart', 'com.ubuntu.Upstart0_6.GetAllJobs'),
    startByName: () =>
      send(
        'org.freedesktop.DBus',
        '/org/freedesktop/DBus',
        'org.freedesktop.DBus.StartServiceByName',
        `string:${SERVER}`,
        'uint32:0',
      ),
  };
};

describe.skipIf(missing)(
  `activation on a system bus${missing === undefined ? '' : ` (${missing})`}`,
  { timeout: 120_000 },
  () => {
    test('starts the job for the first call, and for StartServiceByName says that it runs then', async () => {
      const { callServer, startByName } = await stage(
        `start on dbus-activation ${SERVER}\nexec ${process.execPath} ${NAMED_SERVICE} ${SERVER}`,
      );
      expect(await callServer()).toContain('/com/ubuntu/Upstart/jobs/lamp');
      expect(await startByName()).toBe('uint32 2');
    });

    test('answers StartServiceByName with the error of the job', async () => {
      const { startByName } = await stage(`start on dbus-activation ${SERVER}\npre-start exec false\nexec sleep 1000`);
      expect(await startByName()).toMatch(/^Error com\.ubuntu\.Upstart0_6\.Error\.JobFailed: /);
    });

    test('answers a call for which there is no job', async () => {
      const { callServer } = await stage('exec sleep 1000');
      expect(await callServer()).toMatch(/^Error com\.ubuntu\.Upstart0_6\.Error\.UnknownJob: /);
    });
  },
);
