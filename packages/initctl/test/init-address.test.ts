import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { connectTo } from '../src/connection.js';
import { findInit } from '../src/init-address.js';
import type { OptionKey } from '../src/option.js';

const SOCKET = 'unix:abstract=/com/ubuntu/upstart-session/1000/42';
const session = { kind: 'session-init', address: SOCKET } as const;
const bus = (kind: 'system' | 'session', name = 'com.ubuntu.Upstart') => ({ kind: 'bus', bus: kind, name }) as const;

const given = (...options: readonly (OptionKey | readonly [OptionKey, string])[]) =>
  new Map(options.map((option) => (typeof option === 'string' ? ([option, ''] as const) : option)));

describe('the init daemon that is talked to', () => {
  test.each([
    { options: given('user'), env: { UPSTART_SESSION: SOCKET }, uid: 1000, init: session },
    { options: given(), env: { UPSTART_SESSION: SOCKET }, uid: 0, init: session },
    { options: given('user', 'system'), env: { UPSTART_SESSION: SOCKET }, uid: 0, init: session },
    { options: given('user', ['dest', 'x']), env: { UPSTART_SESSION: SOCKET }, uid: 0, init: session },
    { options: given('system'), env: { UPSTART_SESSION: SOCKET }, uid: 0, init: bus('system') },
    { options: given('session'), env: { UPSTART_SESSION: SOCKET }, uid: 0, init: bus('session') },
    { options: given('system', 'session'), env: {}, uid: 0, init: bus('system') },
    { options: given('system', ['dest', 'a.b']), env: {}, uid: 0, init: bus('system', 'a.b') },
    { options: given(), env: {}, uid: 0, init: { kind: 'system-init' } },
    { options: given(), env: { UPSTART_SESSION: '' }, uid: 0, init: { kind: 'system-init' } },
    { options: given(), env: {}, uid: 1000, init: { ...bus('system'), orPrivate: true } },
  ] as const)('uid $uid, $options, $env: $init', ({ options, env, uid, init }) => {
    expect(findInit(options, env, uid)).toEqual(init);
  });

  test.each([
    { options: given('user'), env: {}, code: 'no-session-address' },
    { options: given('user', 'system'), env: { UPSTART_SESSION: '' }, code: 'no-session-address' },
    { options: given(['dest', 'a.b']), env: {}, code: 'dest-without-bus' },
  ])('$options, $env: $code', ({ options, env, code }) => {
    expect(() => findInit(options, env, 0)).toThrow(expect.objectContaining({ code }));
  });
});

test.each(['system', 'session'] as const)('a %s bus that is not there is said with the reason', async (kind) => {
  vi.stubEnv(`DBUS_${kind.toUpperCase()}_BUS_ADDRESS`, 'unix:path=/nonexistent/bus');
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(connectTo(bus(kind))).rejects.toThrow(
    `Unable to connect to ${kind} bus: Failed to connect to socket /nonexistent/bus: No such file or directory`,
  );
});
