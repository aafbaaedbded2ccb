import { watchInotify } from '@maverick/spawner';

const FOLDER = '/etc';
/** What says which zone the machine is in. */
const FILES: ReadonlySet<string> = new Set(['localtime', 'timezone']);

/**
 * Have times of the day read anew in this process, and be told, when the zone of the machine is another one. Does nothing where
 * `TZ` says the zone, or `/etc` can't be watched.
 * @see localtime(5)
 * @returns what ends it
 */
export const watchTimeZone = (onChange: () => void): (() => void) => {
  if (process.env['TZ'] !== undefined) return () => {};
  try {
    const inotify = watchInotify((events) => {
      const concerns = events.some((event) => 'name' in event && FILES.has(String(event.name)));
      if (!concerns && !events.some(({ kind }) => kind === 'overflow')) return;
      forgetZone();
      onChange();
    }).unref();
    inotify.add(FOLDER, ['create', 'moved-to', 'delete', 'close-write']);
    return () => inotify.close();
  } catch {
    // Times go on in the zone of the start, as they do in every other program.
    return () => {};
  }
};

/** Node asks for the zone again when `TZ` is set or taken away. */
const forgetZone = (): void => {
  process.env['TZ'] = 'UTC';
  delete process.env['TZ'];
};
