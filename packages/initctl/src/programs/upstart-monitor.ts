import { oneLine } from '@maverick/conf';
import type { CommandContext, CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';
import type { InitAddress } from '../init-address.js';
import { BUS_NAME } from '../init-address.js';

/** Where to listen, and how that is called. */
const DESTINATIONS = {
  'system-bus': {
    called: 'D-Bus system bus',
    init: (): InitAddress => ({ kind: 'bus', bus: 'system', name: BUS_NAME }),
  },
  'session-bus': {
    called: 'D-Bus session bus',
    init: (): InitAddress => ({ kind: 'bus', bus: 'session', name: BUS_NAME }),
  },
  'system-socket': { called: 'Upstart system socket', init: (): InitAddress => ({ kind: 'system-init' }) },
  'session-socket': {
    called: 'Upstart session socket',
    init: ({ UPSTART_SESSION = '' }: CommandContext['env']): InitAddress => {
      if (UPSTART_SESSION === '') throw new InitctlError('no-session-address', {});
      return { kind: 'session-init', address: UPSTART_SESSION };
    },
  },
} as const;

const isDestination = (name: string): name is keyof typeof DESTINATIONS => Object.hasOwn(DESTINATIONS, name);

const destinationOf = ({ options, env }: CommandContext) => {
  const name = options.get('destination') ?? (env.UPSTART_SESSION ? 'session-socket' : 'system-bus');
  if (!isDestination(name)) throw new InitctlError('invalid-destination', { name });
  return DESTINATIONS[name];
};

const header = (called: string): string =>
  [
    '# Upstart Event Monitor (console mode)',
    '#',
    `# Connected to ${called}`,
    '#',
    '# Columns: time, event and environment',
    '',
  ].join('\n');

const digits = (value: number, count: number): string => String(value).padStart(count, '0');

const MICROSECONDS = 1_000_000;

/** `YYYY-MM-DD HH:MM:SS.ffffff`, local time. @param timeMs milliseconds since 1970, with a fraction */
export const timeText = (timeMs: number): string => {
  const time = new Date(timeMs);
  const date = [digits(time.getFullYear(), 4), digits(time.getMonth() + 1, 2), digits(time.getDate(), 2)].join('-');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => digits(part, 2)).join(':');
  return `${date} ${clock}.${digits(Math.floor(timeMs * 1000) % MICROSECONDS, 6)}`;
};

/** `EVENT K='V' K='V'` */
export const eventText = (name: string, env: readonly string[]): string =>
  [name, ...env.map((entry) => entry.replace(/=(.*)$/s, "='$1'"))].join(' ');

/** `upstart-monitor`: a line for each event that has been handled, until the daemon goes. */
export const upstartMonitor: CommandHandler = async (context) => {
  const { called, init } = destinationOf(context);
  const separator = context.options.get('separator') ?? '\t';
  const upstart = await context.connect(init(context.env));
  const events = upstart.events();
  // An answer shows that somebody is there, and that the subscription counts.
  await upstart.version();
  context.output.message(header(called));
  for await (const event of events) {
    if (event.kind !== 'event-emitted') continue;
    const time = timeText(performance.timeOrigin + performance.now());
    const text = eventText(event.name, event.env);
    // A program gets values as they are; a terminal would obey them.
    context.output.message(`${time}${separator}${context.isTerminal(1) ? oneLine(text) : text}`);
  }
  throw new InitctlError('connection-lost', {});
};
