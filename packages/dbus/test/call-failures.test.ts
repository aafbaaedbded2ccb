import type { Reply } from '@maverick/engine';
import { expect, test } from 'vitest';
import { DBusError } from '../src/dbus-error.js';
import { serve } from './helpers/serving.js';
import { MANAGER, WEB, webModel } from './helpers/web-model.js';

const UPSTART = 'com.ubuntu.Upstart0_6';

test.each<[code: Extract<Reply, { ok: false }>['code'], name: string]>([
  ['UnknownJob', `${UPSTART}.Error.UnknownJob`],
  ['UnknownInstance', `${UPSTART}.Error.UnknownInstance`],
  ['UnknownJobInstance', `${UPSTART}.Error.UnknownJobInstance`],
  ['AlreadyStarted', `${UPSTART}.Error.AlreadyStarted`],
  ['AlreadyStopped', `${UPSTART}.Error.AlreadyStopped`],
  ['NotRunning', `${UPSTART}.Error.NotRunning`],
  ['JobFailed', `${UPSTART}.Error.JobFailed`],
  ['EventFailed', `${UPSTART}.Error.EventFailed`],
  ['PermissionDenied', `${UPSTART}.Error.PermissionDenied`],
  ['InvalidArgs', 'org.freedesktop.DBus.Error.InvalidArgs'],
  ['Deadlock', 'org.maverick.Init1.Error.Deadlock'],
])("the daemon's %s is %s", async (code, name) => {
  const { model: fake, client } = serve(webModel());
  fake.answering = (_, answer) => answer({ ok: false, code, message: 'why' });
  await expect((await client()).emit('x')).rejects.toThrowError(new DBusError(name, 'why'));
  await expect((await client()).emit('x')).rejects.toMatchObject({ name });
});

test('an instance that can not be named is told in the words of the daemon', async () => {
  const { model: fake, client } = serve(webModel());
  fake.naming = { ok: false, code: 'InvalidArgs', message: 'Unknown parameter: X\nUsage: u' };
  await expect((await client()).jobAt(WEB).getInstance()).rejects.toThrowError(
    new DBusError('org.freedesktop.DBus.Error.InvalidArgs', 'Unknown parameter: X\nUsage: u'),
  );
});

test('an answer that D-Bus can not carry is an error for the caller', async () => {
  const { model: fake, client } = serve(webModel().add('odd', { usage: '\0' }));
  const upstart = await client();
  const odd = { name: 'org.freedesktop.DBus.Error.Failed' };
  await expect(upstart.jobAt('/com/ubuntu/Upstart/jobs/odd').properties()).rejects.toMatchObject(odd);
  Object.assign(fake, { state: () => '\0' });
  await expect(upstart.rawCall(MANAGER, UPSTART, 'GetState')).rejects.toMatchObject(odd);
});

test('a daemon that throws costs the caller an error, and nobody else anything', async () => {
  const { model: fake, client } = serve(webModel());
  fake.answering = () => {
    throw new Error('a bug');
  };
  await expect((await client()).emit('x')).rejects.toMatchObject({ name: 'org.freedesktop.DBus.Error.Failed' });
  expect(await (await client()).version()).toBe(fake.version);
});
