import { onTestFinished } from 'vitest';
import { createBusMember } from '../../src/bus-member.js';
import { BUS_NAME } from '../../src/connect-target.js';
import { missingBus, missingSystemBus, TestBus } from './bus.js';
import { FakeModel } from './fake-model.js';
import { SHIPPED_POLICY } from './policy.js';
import { serve } from './serving.js';

/** Every way to a daemon that foreign clients use. */
export const PLACE_KINDS = ['the private socket', 'a session bus', 'a system bus'] as const;
export type PlaceKind = (typeof PLACE_KINDS)[number];

/** A daemon that answers for a model somewhere, and what each client needs to be told to find it. */
export interface Place {
  readonly kind: PlaceKind;
  readonly address: string;
  readonly model: FakeModel;
  readonly dbusSend: readonly string[];
  readonly gdbus: readonly string[];
  readonly busctl: readonly string[];
  /** Python that makes `bus`, and `DEST`. `sys.argv[1]` is the address. */
  readonly python: string;
}

const BUS_PYTHON = `
import dbus, dbus.bus, dbus.mainloop.glib, sys
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.bus.BusConnection(sys.argv[1])
DEST = '${BUS_NAME}'
`;
const PRIVATE_PYTHON = `
import dbus, dbus.connection, dbus.mainloop.glib, sys
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.connection.Connection(sys.argv[1])
DEST = None
`;

/** Why there can be no such place here, if there can't. */
export const missingPlace = (kind: PlaceKind): string | undefined => {
  if (kind === 'the private socket') return undefined;
  return kind === 'a system bus' ? missingSystemBus() : missingBus();
};

const place = (kind: PlaceKind, address: string, model: FakeModel): Place => {
  const onBus = kind !== 'the private socket';
  return {
    kind,
    address,
    model,
    dbusSend: onBus ? [`--bus=${address}`, `--dest=${BUS_NAME}`] : [`--peer=${address}`],
    gdbus: ['--address', address, '--dest', BUS_NAME],
    busctl: [`--address=${address}`],
    python: onBus ? BUS_PYTHON : PRIVATE_PYTHON,
  };
};

/** A daemon there, gone with the test. */
export const openPlace = async (kind: PlaceKind, model = new FakeModel()): Promise<Place> => {
  if (kind === 'the private socket') return place(kind, serve(model).address, model);
  const type = kind === 'a system bus' ? 'system' : 'session';
  const bus = await new TestBus(type, { policies: { 'Upstart.conf': SHIPPED_POLICY } }).start();
  onTestFinished(() => bus.stop());
  const member = createBusMember(model, { address: bus.address, title: 'D-Bus test bus' });
  onTestFinished(() => member.close());
  await member.join();
  return place(kind, bus.address, model);
};
