import { oneLine } from '@maverick/conf';
import type { SessionInfo } from '@maverick/dbus/client';
import type { CommandHandler } from '../command.js';
import { nameOf, sessionsOf } from '../daemon-session.js';

/** What `--json` prints of a session. */
export const sessionAnswer = ({ id, kind, root, uid, jobs, closing, own }: SessionInfo) => ({
  session: id,
  kind,
  root: root ?? null,
  uid: uid ?? null,
  jobs,
  closing,
  own,
});

const jobsText = (count: number): string => (count === 1 ? '1 job' : `${count} jobs`);

const lineOf = (session: SessionInfo): string => {
  const { kind, jobs, closing } = session;
  return `${oneLine(nameOf(session))} (${kind}), ${jobsText(jobs)}${closing ? ', closing' : ''}`;
};

/** `sessions`: those that the caller may at least look at. */
export const sessions: CommandHandler = async (context) => {
  const all = await sessionsOf(await context.connect());
  context.output.answer(
    () => ({ sessions: all.map(sessionAnswer) }),
    () => all.map(lineOf).join('\n'),
  );
};
