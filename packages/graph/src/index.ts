export { followJournal } from './follow-journal.js';
export { journalLines } from './journal-files.js';
export type { LineFilter } from './journal-text.js';
export { readJournal } from './newest-lines.js';
