import { oneLine } from '@maverick/conf';
import type { SessionOptions, UpstartClient } from '@maverick/dbus/client';
import { jobAnswer } from '../answers.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { idOf, nameOf, realPath, sessionsOf } from '../daemon-session.js';
import { InitctlError } from '../errors.js';
import { linesOf } from './list.js';
import { sessionAnswer } from './sessions.js';

type Action = (context: CommandContext, upstart: UpstartClient, name: string | undefined) => Promise<void>;

const required = (name: string | undefined): string => {
  if (name === undefined) throw new InitctlError('missing-session', {});
  return name;
};

/** A directory has a `/` in its name, a user has none; `user:` is how the session of a user is called. */
const wishOf = (name: string): SessionOptions => {
  if (!name.includes('/')) return { user: name.replace(/^user:/, '') };
  const root = realPath(name);
  if (root === undefined) throw new InitctlError('no-such-root', { root: name });
  return { root };
};

const open: Action = async ({ options, output }, upstart, name) => {
  const startupEvent = options.get('startup-event');
  const wish = wishOf(required(name));
  const session = await upstart.init1.openSession({ ...wish, ...(startupEvent === undefined ? {} : { startupEvent }) });
  output.answer(
    () => ({ session }),
    () => oneLine(session),
  );
};

const close: Action = async ({ output }, upstart, name) => {
  const session = idOf(required(name));
  await upstart.init1.closeSession(session);
  output.answer(
    () => ({ session }),
    () => '',
  );
};

const show: Action = async ({ output }, upstart, name) => {
  const all = await sessionsOf(upstart);
  const session = all.find(({ id, own }) => (name === undefined ? own : id === idOf(name)));
  if (session === undefined) throw new InitctlError('no-such-session', { session: name ?? '' });
  const jobs = await upstart.inSession(session.id).list();
  const { kind, root, uid, closing } = session;
  output.answer(
    () => ({ ...sessionAnswer(session), list: jobs.map(jobAnswer) }),
    () =>
      [
        `session ${oneLine(nameOf(session))}`,
        `  kind ${kind}`,
        ...(root === undefined ? [] : [`  root ${oneLine(root)}`]),
        ...(uid === undefined ? [] : [`  uid ${uid}`]),
        ...(closing ? ['  closing'] : []),
        ...jobs.flatMap((job) => linesOf(job)),
      ].join('\n'),
  );
};

const ACTIONS: Readonly<Record<string, Action>> = { open, close, show };

/** `session open|close|show`. */
export const session: CommandHandler = async (context) => {
  const [word = '', name] = context.operands;
  const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined;
  if (action === undefined) throw new InitctlError('no-session-action', {});
  await action(context, await context.connect(), name);
};
