export { type Completion, complete } from './completions.js';
export { cyclicGroups, type Edges, shortestWay } from './cycles.js';
export {
  type BugNumber,
  type Diagnostic,
  ERRORS,
  type ErrorCode,
  type ExcerptOptions,
  formatDiagnostic,
  formatExcerpt,
  type Place,
  WARNINGS,
  type WarningCode,
} from './diagnostic.js';
export {
  type ConfLocation,
  type LocationOptions,
  systemLocations,
  type UserLocations,
  userLocations,
} from './directories.js';
export { EditError, type EditErrorCode, insertStanza, removeStanza, setStanza } from './edit.js';
export { type EventArgument, parseEventArgument } from './event-argument.js';
export {
  type EnvLookup,
  type ExpandError,
  type ExpandOptions,
  type Expansion,
  expand,
  lookupIn,
} from './expand.js';
export { globMatcher, matchGlob } from './glob.js';
export {
  type CgroupController,
  type CgroupName,
  type Console,
  defineJob,
  type EventOperator,
  type ExitStatus,
  type Expect,
  JOB_DEFAULTS,
  type JobConf,
  type JobDefinition,
  LIMIT_RESOURCES,
  type Limit,
  type LimitResource,
  type LimitValue,
  type LogRotation,
  PROCESS_ROLES,
  type ProcessDefinition,
  type ProcessRole,
  type RespawnBackoff,
  type RespawnLimit,
  type StateExpression,
} from './job-conf.js';
export {
  type CheckedJob,
  type EventMatch,
  type EventSource,
  eventSourceOf,
  INIT_EVENTS,
  JOB_EVENTS,
  type KnownEvents,
  type KnownEventsOptions,
  knownEvents,
} from './known-events.js';
export type { Point } from './lexer.js';
export { type LintFinding, lint } from './lint.js';
export { type MergedConf, type MergeOptions, type MergeRules, mergeConf } from './merge.js';
export {
  type ConfFileKind,
  confFileKind,
  isConfFile,
  isEnteredDirectory,
  isLoadedPath,
  isOverrideFile,
  jobNameOf,
} from './names.js';
export { oneLine } from './one-line.js';
export type { StanzaOrigin } from './origins.js';
export { type ParsedConf, type ParseOptions, parseConf, type ReadConf, readConf } from './parse.js';
export type { RecognizedStanza, StanzaRecognizer } from './recognizer.js';
export {
  type ConfFile,
  type ConfSource,
  type Resolution,
  type ResolvedJob,
  type ResolveOptions,
  resolveJobs,
} from './resolve.js';
export {
  fromRpn,
  fromRpnVariants,
  type ReversePolish,
  type ReversePolishVariants,
  showExpression,
  toRpn,
  toRpnVariants,
} from './reverse-polish.js';
export { MAX_SIGNAL, SIGNALS, type SignalName, signalName, signalNumber } from './signals.js';
export { type BrokenNode, type GapNode, print, type Source, type SourceNode, type StanzaNode } from './source.js';
export type { Argument, ArgumentKind, ArgumentValues, MergeRule, StanzaBody, StanzaRule } from './stanza-rule.js';
export { STANZA_ROWS, STANZAS, type StanzaName, type StanzaRow } from './stanzas.js';
export type { RingStep } from './start-cycles.js';
export { suggest } from './suggest.js';
export { stanzaSynopsis } from './synopsis.js';
export type {
  BlockToken,
  BrokenToken,
  CommandToken,
  ParenthesisToken,
  StanzaToken,
  WordToken,
} from './token.js';
