#!/usr/bin/env node
// Event `queue`: something was published. Asks the queue for the topics that jobs want, and for nothing else.
import { connect as connectQueue } from 'node:net';
import { createInterface } from 'node:readline';
import { DaemonLink, Outbox, tellReady } from '@maverick/bridges';
import { connect } from '@maverick/dbus/client';

class QueueBridge {
  topics = new Set();

  constructor(daemon, path) {
    this.outbox = new Outbox(daemon);
    // A queue that goes ends the bridge: `respawn` in its job brings it back, and it asks again.
    this.queue = connectQueue(path).on('end', () => process.exit(1));
    createInterface({ input: this.queue }).on('line', (line) => {
      const [, topic, text] = /^(\S+) (.*)$/.exec(line) ?? [];
      this.outbox.push({ env: [`TOPIC=${topic}`, `TEXT=${text}`] });
    });
  }

  follow(jobs) {
    const conditions = jobs.flatMap(({ start, stop }) => [...start, ...stop]);
    const wanted = conditions.flatMap(({ args }) => args.flatMap((arg) => /^TOPIC=(\S+)$/.exec(arg)?.[1] ?? []));
    for (const topic of new Set(wanted)) if (!this.topics.has(topic)) this.queue.write(`SUBSCRIBE ${topic}\n`);
    this.topics = new Set([...this.topics, ...wanted]);
    this.outbox.open();
  }

  instancesChanged() {}
  lost = () => this.outbox.hold();
  close = () => this.queue.destroy();
}

const report = (_, message) => console.error(message);
const kind = { event: 'queue', make: (daemon) => new QueueBridge(daemon, process.argv[2]) };
const link = new DaemonLink({ kind, connect: () => connect(), report });
process.once('SIGTERM', () => link.close());
await link.run(() => tellReady(process.env.NOTIFY_SOCKET));
