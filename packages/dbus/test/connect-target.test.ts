import { describe, expect, test } from 'vitest';
import { resolveTarget } from '../src/connect-target.js';

const SYSTEM_BUS = 'unix:path=/var/run/dbus/system_bus_socket';
const busName = 'com.ubuntu.Upstart';

describe('who says nothing reaches', () => {
  test.each([
    {
      who: 'the Session Init of its environment',
      uid: 0,
      env: { UPSTART_SESSION: 'unix:abstract=/s' },
      to: { address: 'unix:abstract=/s' },
    },
    {
      who: 'the private socket of the system, as root',
      uid: 0,
      env: { UPSTART_SESSION: '' },
      to: { address: 'unix:abstract=/com/ubuntu/upstart' },
    },
    { who: 'the system bus, as another user', uid: 1000, env: {}, to: { address: SYSTEM_BUS, busName } },
  ])('$who', ({ uid, env, to }) => expect(resolveTarget(undefined, env, uid)).toEqual(to));
});

describe('a target', () => {
  test.each([
    ['unix:path=/x', {}, { address: 'unix:path=/x' }],
    [{ bus: 'system' }, {}, { address: SYSTEM_BUS, busName }],
    [
      { bus: 'system', name: 'a.b' },
      { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/y' },
      { address: 'unix:path=/y', busName: 'a.b' },
    ],
    [{ bus: 'session' }, { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/z' }, { address: 'unix:path=/z', busName }],
    [{ bus: 'session' }, { XDG_RUNTIME_DIR: '/run/user/7' }, { address: 'unix:path=/run/user/7/bus', busName }],
    [{ bus: 'session' }, {}, { address: '', busName }],
    [{ bus: 'unix:path=/q' }, {}, { address: 'unix:path=/q', busName }],
  ])('%j with %j', (target, env, to) => expect(resolveTarget(target, env, 0)).toEqual(to));
});
