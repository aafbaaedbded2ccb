import type { InstanceRef, SessionId } from '@maverick/engine';

/** The manager's object. */
export const MANAGER_PATH = '/com/ubuntu/Upstart';
/** Jobs hang below it. */
export const JOBS_PATH = `${MANAGER_PATH}/jobs`;

/** The managers of sessions hang below it: each is the manager's object for one session, whoever calls. */
export const SESSIONS_PATH = `${MANAGER_PATH}/sessions`;

/** The engine's `SYSTEM`. Spelt again, because importing the engine would cost every client the time to load it. */
export const SYSTEM_SESSION: SessionId = '';

const PLAIN = /^[A-Za-z0-9]+$/;

/** What each byte becomes. */
const ESCAPES = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return PLAIN.test(char) ? char : `_${byte.toString(16).padStart(2, '0')}`;
});

/**
 * One path element for a name: letters and digits stay, every other byte of the UTF-8 form becomes `_` and two hex
 * digits, and nothing at all becomes `_`.
 */
export const escapeElement = (name: string): string => {
  if (name === '') return '_';
  let element = '';
  for (let index = 0; index < name.length; index += 1) {
    const unit = name.charCodeAt(index);
    if (unit > 0x7f) return Array.from(Buffer.from(name, 'utf8'), (byte) => ESCAPES[byte]).join('');
    element += ESCAPES[unit];
  }
  return element;
};

/** The name that {@link escapeElement} turns into this element, or `undefined` if there is none. */
export const unescapeElement = (element: string): string | undefined => {
  if (PLAIN.test(element)) return element;
  const bytes = element.replace(/_([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const name = element === '_' ? '' : Buffer.from(bytes, 'latin1').toString('utf8');
  return escapeElement(name) === element ? name : undefined;
};

/** The object path of a job class. Jobs of other sessions than the system's hang below their session's element. */
export const jobPath = (job: string, session: SessionId = SYSTEM_SESSION): string =>
  session === SYSTEM_SESSION
    ? `${JOBS_PATH}/${escapeElement(job)}`
    : `${JOBS_PATH}/${escapeElement(session)}/${escapeElement(job)}`;

/** The object path of an instance. */
export const instancePath = (ref: InstanceRef): string =>
  `${jobPath(ref.job, ref.session)}/${escapeElement(ref.instance)}`;

/** The manager's object of one session: `''` is the system's. */
export const sessionPath = (session: SessionId): string => `${SESSIONS_PATH}/${escapeElement(session)}`;

/** The session of a job by the path of its object: `''` is the system's. */
export const sessionOfPath = (path: string): SessionId => {
  const [session = '', job] = path.slice(JOBS_PATH.length + 1).split('/');
  return job === undefined ? SYSTEM_SESSION : (unescapeElement(session) ?? SYSTEM_SESSION);
};
