// The other project: a queue that knows nothing of Upstart. Listens at the socket named as its argument; a line
// `SUBSCRIBE TOPIC` asks for a topic, `PUBLISH TOPIC TEXT` is passed on to all who did.
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const subscribers = new Map();

createServer((client) => {
  client.on('error', () => {});
  client.on('close', () => {
    for (const clients of subscribers.values()) clients.delete(client);
  });
  createInterface({ input: client }).on('line', (line) => {
    const [, word, topic, text] = /^(\w+) (\S+) ?(.*)$/.exec(line) ?? [];
    if (word === 'SUBSCRIBE') subscribers.set(topic, (subscribers.get(topic) ?? new Set()).add(client));
    else if (word === 'PUBLISH') for (const each of subscribers.get(topic) ?? []) each.write(`${topic} ${text}\n`);
  });
}).listen(process.argv[2]);
