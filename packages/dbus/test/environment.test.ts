import { describe, expect, test } from 'vitest';
import { DBusError } from '../src/dbus-error.js';
import type { Value } from '../src/value.js';
import { serve } from './helpers/serving.js';
import { MANAGER, webModel } from './helpers/web-model.js';

const UPSTART = 'com.ubuntu.Upstart0_6';

describe('the job environment', () => {
  const call = async (member: string, signature: string, body: Value[], fake = webModel()) => {
    const client = await serve(fake).client();
    return client.rawCall(MANAGER, UPSTART, member, signature, body);
  };

  test('is set, listed, read and reset', async () => {
    const { model: fake, client } = serve(webModel());
    const upstart = await client();
    await upstart.setEnv(['A=1', 'B'], { replace: false });
    await upstart.rawCall(MANAGER, UPSTART, 'SetEnv', 'assb', [[], 'C', true]);
    expect(await upstart.listEnv()).toEqual(['A=1', 'B=', 'C=']);
    expect(await upstart.getEnv('A')).toBe('1');
    expect(await upstart.getEnv('IN', { job: 'web', instance: '' })).toBe('web/');
    await upstart.unsetEnv(['A'], { job: 'net/if-up', instance: 'a b' });
    await upstart.resetEnv();
    expect(fake.asked).toEqual([
      { set: ['A=1', 'B='], replace: false, target: undefined },
      { set: ['C='], replace: true, target: undefined },
      { unset: ['A'], target: { job: 'net/if-up', instance: 'a b' } },
      { reset: true, target: undefined },
    ]);
  });

  test.each<[member: string, signature: string, body: Value[], name: string, text: string]>([
    ['GetEnv', 'ass', [[], ''], 'org.freedesktop.DBus.Error.InvalidArgs', 'Variable may not be empty string'],
    ['GetEnv', 'ass', [[], 'nosuch'], 'org.freedesktop.DBus.Error.InvalidArgs', 'No such variable: nosuch'],
    ['SetEnv', 'assb', [['nosuch'], 'Q=1', true], `${UPSTART}.Error.UnknownJob`, 'Unknown job: nosuch'],
    [
      'SetEnv',
      'assb',
      [['web'], 'Q=1', true],
      `${UPSTART}.Error.UnknownJobInstance`,
      'Unknown instance: (null) of job web',
    ],
    ['ListEnv', 'as', [['web', 'zz']], `${UPSTART}.Error.UnknownJobInstance`, 'Unknown instance: zz of job web'],
    ['ResetEnv', 'as', [['', '']], 'org.freedesktop.DBus.Error.InvalidArgs', 'Job may not be empty string'],
  ])('%s (%s) %j answers %s', async (member, signature, body, name, text) => {
    await expect(call(member, signature, body)).rejects.toThrowError(new DBusError(name, text));
    await expect(call(member, signature, body)).rejects.toMatchObject({ name });
  });

  test.each(['SetEnv', 'SetEnvList', 'UnsetEnv', 'UnsetEnvList', 'ResetEnv'])(
    '%s is refused by the init of the machine, before its arguments are looked at',
    async (member) => {
      const fake = Object.assign(webModel(), { isSystemInit: true });
      const bodies = {
        SetEnv: ['assb', [['nosuch'], 'A=1', true]],
        SetEnvList: ['asasb', [['nosuch'], ['A=1'], true]],
        UnsetEnv: ['ass', [['nosuch'], 'A']],
        UnsetEnvList: ['asas', [['nosuch'], ['A']]],
        ResetEnv: ['as', [['nosuch']]],
      } as const;
      const [signature, body] = bodies[member as keyof typeof bodies];
      await expect(call(member, signature, [...body], fake)).rejects.toThrowError(
        new DBusError(`${UPSTART}.Error.PermissionDenied`, 'Not permissible to modify PID 1 job environment'),
      );
      expect(fake.asked).toEqual([]);
    },
  );
});
