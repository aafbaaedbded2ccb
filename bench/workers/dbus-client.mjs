// `dbus-client.mjs ADDRESS COUNT WINDOW`: job(), so many times, with so many on their way. Prints {"ms":N}.
import { connect } from '@maverick/dbus/client';

const [address, count, window] = process.argv.slice(2);
const client = await connect(address);

/** Make calls until all are made; several of these run side by side. */
const caller = async (calls) => {
  while (calls.left-- > 0) await client.job('job-0001');
};

const perform = async (left) => {
  const calls = { left };
  await Promise.all(Array.from({ length: Number(window) }, () => caller(calls)));
};

await perform(2000);
const begun = performance.now();
await perform(Number(count));
console.log(JSON.stringify({ ms: performance.now() - begun }));
client.close();
