export { historiesOf, linesOfBoot, NoSuchBootError, readHistories } from './boots.js';
export { causeText, eventText, instanceText, startText } from './cause-words.js';
export { followJournal } from './follow-journal.js';
export {
  type EventFact,
  type History,
  type InputFact,
  type Moment,
  type Phase,
  type ProcessFact,
  type Run,
  ranMs,
  wasUp,
} from './history.js';
export { journalLines } from './journal-files.js';
export type { LineFilter } from './journal-text.js';
export { readJournal } from './newest-lines.js';
export { type CrashScene, crashScene, endOf, type RunEnd } from './run-end.js';
export { spanText } from './span-text.js';
