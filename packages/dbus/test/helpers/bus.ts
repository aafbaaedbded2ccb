import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** Which kind of bus: the type decides what a policy lets through that says nothing else. */
export type BusKind = 'session' | 'system';
export const BUS_KINDS = ['session', 'system'] as const satisfies readonly BusKind[];

/** What the stock configuration of each kind allows. */
const POLICIES = {
  session:
    '<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>',
  system: `<policy context="default">
    <allow user="*"/><deny own="*"/><deny send_type="method_call"/>
    <allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/><allow receive_type="method_return"/>
    <allow receive_type="error"/><allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Properties"/>
    <deny send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.systemd1.Activator"/>
  </policy>
  <policy user="root">
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Monitoring"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.systemd1.Activator"/>
  </policy>`,
} as const satisfies Record<BusKind, string>;

const configuration = (kind: BusKind, folder: string, extra: string): string => `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>${kind}</type>
  <listen>unix:path=${folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>${folder}/services</servicedir>
  ${POLICIES[kind]}
  <includedir>${folder}/policies</includedir>
  ${extra}
</busconfig>
`;

export interface BusOptions {
  readonly args?: readonly string[];
  /** More of the configuration file. */
  readonly configuration?: string;
  /** Policy files by name. */
  readonly policies?: Readonly<Record<string, string>>;
}

/** A bus of its own in a temporary folder. `stop` ends it and removes the folder. */
export class TestBus {
  readonly folder = mkdtempSync(join(tmpdir(), 'maverick-bus-'));
  readonly address = `unix:path=${this.folder}/bus`;
  private readonly command: readonly string[];
  private child: ChildProcessByStdio<null, Readable, null> | undefined;

  constructor(kind: BusKind, { args = [], configuration: extra = '', policies = {} }: BusOptions = {}) {
    // Other users must get in.
    chmodSync(this.folder, 0o755);
    for (const name of ['services', 'policies']) mkdirSync(join(this.folder, name));
    for (const [name, text] of Object.entries(policies)) writeFileSync(join(this.folder, 'policies', name), text);
    const file = join(this.folder, 'bus.conf');
    writeFileSync(file, configuration(kind, this.folder, extra));
    this.command = ['--nofork', '--nopidfile', '--nosyslog', '--print-address=1', `--config-file=${file}`, ...args];
  }

  /** Start the bus, the first time or again at the same address. */
  async start(): Promise<this> {
    this.child = spawn('dbus-daemon', this.command, { stdio: ['ignore', 'pipe', 'ignore'] });
    const failed = once(this.child, 'exit').then(([status]) =>
      Promise.reject(new Error(`dbus-daemon: status ${status}`)),
    );
    await Promise.race([once(this.child.stdout, 'data'), failed]);
    failed.catch(() => {});
    return this;
  }

  /** End the daemon; clients lose their connections. */
  async end(): Promise<void> {
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Declare a service that is activated. */
  addService(name: string, lines: readonly string[]): void {
    writeFileSync(
      join(this.folder, 'services', `${name}.service`),
      ['[D-BUS Service]', `Name=${name}`, ...lines, ''].join('\n'),
    );
  }
}

/** Why the name of a system's daemon can't be owned here, if it can't: the policy that is shipped lets only root have it. */
export const missingSystemBus = (): string | undefined =>
  process.getuid?.() === 0 ? missingBus() : 'needs root, to own the name on a system bus';

/** Why there can be no bus here, if there can't. */
export const missingBus = (): string | undefined =>
  spawnSync('dbus-daemon', ['--version'], { stdio: 'ignore' }).status === 0 ? undefined : 'dbus-daemon is not here';
