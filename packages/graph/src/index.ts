export { type Blame, blame } from './blame.js';
export { bootGraph } from './boot-graph.js';
export { historiesOf, linesOfBoot, NoSuchBootError, readHistories } from './boots.js';
export { causeText, eventText, instanceText, startText } from './cause-words.js';
export { type ConditionEvent, configurationGraph, type GraphedJob } from './configuration-graph.js';
export { arrivalOf, bootRuns, type ChainLink, chainTo, lastOfBoot, linkText } from './critical-chain.js';
export {
  type DependencyGraph,
  type EdgeKind,
  type GraphEdge,
  type GraphGroup,
  type GraphNode,
  type GraphScope,
  groupsOf,
  restrictGraph,
} from './dependency-graph.js';
export { followJournal } from './follow-journal.js';
export { graphDot } from './graph-dot.js';
export { graphHtml } from './graph-html.js';
export { graphMermaid } from './graph-mermaid.js';
export { graphText } from './graph-text.js';
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
export { journalAges, journalLines, NoJournalFileError } from './journal-files.js';
export type { LineFilter } from './journal-text.js';
export { readJournal } from './newest-lines.js';
export { recordingOf } from './recording.js';
export { type CrashScene, crashScene, endOf, type RunEnd } from './run-end.js';
export { spanText } from './span-text.js';
export {
  type Bar,
  bootSpan,
  causeLines,
  type Mark,
  momentAt,
  type Span,
  type Stretch,
  type Timeline,
  type TimelineRow,
  timelineOf,
  wallAt,
} from './timeline.js';
export { timelineHtml } from './timeline-html.js';
export { axisStep, axisText, LOOKS, STATE_LOOKS, type StateLook } from './timeline-look.js';
export { timelineSvg } from './timeline-svg.js';
