import type { Adopted, AdoptionPorts } from './adoption.js';
import type { SupervisorNotice } from './event.js';
import { type HandedOver, isEnd } from './handed-over.js';
import type { HandedChannel } from './readiness.js';

/** From whom the processes were: a supervisor that handed them over, one that died, or one that died and whose state is lost. */
export type Predecessor = 'handed over' | 'died' | 'lost';

const ONLY_PROCESSES =
  'Its state is lost: only jobs with a living process are known to run. Events, half-met conditions, waits and jobs without ' +
  'a process are not, and no startup event is emitted: start by hand what is missing';

const processCount = (count: number): string => `${count} process${count === 1 ? '' : 'es'}`;

const message = (priority: 'info' | 'message' | 'warn', text: string): SupervisorNotice => ({
  kind: 'message',
  priority,
  message: text,
});

/** What people are told of a take-over. */
export const takenOverMessages = (from: Predecessor, { adopted, ended }: Adopted): readonly SupervisorNotice[] => {
  if (from === 'handed over') {
    return [message('info', `Gone on where the supervisor before was: ${processCount(adopted)}`)];
  }
  const text = `Taken over from a supervisor that died: ${processCount(adopted)}, ${ended} ended meanwhile`;
  return [message('message', text), ...(from === 'lost' ? [message('warn', ONLY_PROCESSES)] : [])];
};

/** What is known of processes that were handed over, where more is known than after a crash. */
export const handedPorts = (
  handed: HandedOver,
  inherit: (channel: HandedChannel) => void,
): Pick<AdoptionPorts, 'detailsOf' | 'isToldOf' | 'inheritChannel'> => {
  const details = new Map(handed.details);
  const toldOf = new Set(handed.news.filter(isEnd).map(({ pid }) => pid));
  const channels = new Map(handed.channels.map((channel) => [channel.process, channel]));
  return {
    detailsOf: ({ process }) => details.get(process),
    isToldOf: (pid) => toldOf.has(pid),
    inheritChannel: (process) => {
      const channel = channels.get(process);
      if (channel !== undefined) inherit(channel);
      return channel !== undefined;
    },
  };
};
