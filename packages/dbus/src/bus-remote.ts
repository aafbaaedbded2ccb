import { BUS_DAEMON, callBus, quoted, watchName } from './bus-calls.js';
import type { CallOptions } from './call-options.js';
import type { Connection, OutgoingCall } from './connection.js';
import type { Received, ReturnMessage, SignalMessage } from './message.js';
import type { Remote } from './remote.js';
import { SignalHub } from './signal-source.js';

/** Whoever owns a name on a bus. The owner may go and another come: then it is that one. */
export class BusRemote implements Remote {
  private readonly connection: Connection;
  private readonly name: string;
  /** The signals of the daemon; whoever listens has them sent here. */
  readonly signals = new SignalHub(() => this.listen());
  /** The unique name of the owner; nobody's before somebody listens. */
  private owner = '';
  private listening = false;

  /** Introduces itself to the bus at once; a refusal ends the connection. */
  constructor(connection: Connection, name: string) {
    this.connection = connection;
    this.name = name;
    callBus(connection, 'Hello').catch((error: Error) => connection.close(error));
  }

  call(call: OutgoingCall, options?: CallOptions): Promise<Received<ReturnMessage>> {
    return this.connection.call({ ...call, destination: this.name, noAutoStart: true }, options);
  }

  /**
   * Have the daemon's signals sent here. What is called afterwards happens after this, so nothing that it leads to is missed.
   * The owner is asked for between the two rules: its answer comes before any signal, and no change of owner is overlooked.
   */
  private listen(): void {
    if (this.listening) return;
    this.listening = true;
    const { connection, name } = this;
    const asked = [
      watchName(connection, name),
      callBus(connection, 'GetNameOwner', 's', name).then(
        ([owner]) => {
          this.owner = String(owner);
        },
        // Nobody has the name yet.
        () => {},
      ),
      callBus(connection, 'AddMatch', 's', `type='signal',sender=${quoted(name)}`),
    ];
    Promise.all(asked).catch((error: Error) => connection.close(error));
  }

  /** Only what the bus says, and the owner itself: anybody can send a signal straight to this connection. */
  signalled(signal: Received<SignalMessage>): void {
    if (signal.sender === BUS_DAEMON) this.ownerChanged(signal);
    else if (signal.sender === this.owner) this.signals.signalled(signal);
  }

  private ownerChanged({ member, signature, body: [name, , owner] }: SignalMessage): void {
    if (member !== 'NameOwnerChanged' || signature !== 'sss' || name !== this.name) return;
    const hadOwner = this.owner !== '';
    this.owner = String(owner);
    if (hadOwner) this.signals.changed({ kind: 'daemon-left' });
    if (this.owner !== '') this.signals.changed({ kind: 'daemon-came' });
  }
}
