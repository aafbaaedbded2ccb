import { Engine, type Exploration, explore } from '@maverick/engine';
import { bridgeEvents } from '../bridge-events.js';
import type { CommandHandler } from '../command.js';
import { AnsweredNo, InitctlError } from '../errors.js';
import { numberOption, WHOLE } from '../numbers.js';
import { faultsOf, faultText } from '../proof-faults.js';
import { type Jobs, type SimulationSource, simulationSource } from '../simulation-source.js';

const extentText = ({ complete, groups, states, moves, depth }: Exploration): string => {
  const size = `${states} states of ${groups} ${groups === 1 ? 'group' : 'groups'} of jobs, ${moves} moves`;
  return complete
    ? `Proved: everything that can happen was tried (${size}).`
    : `Not proved: all sequences of up to ${depth} moves were tried, and some longer ones (${size}); --bound=MOVES goes on.`;
};

const jobsIn = ({ jobs, snapshot, session }: SimulationSource): Jobs => {
  if (!snapshot) return jobs;
  return Object.fromEntries(
    Engine.restore(snapshot)
      .jobs(session)
      .map(({ name, definition }) => [name, definition]),
  );
};

/** `check-config --proof`: what can go wrong with all jobs together, by trying everything. */
export const proof: CommandHandler = async (context) => {
  const { operands, options, output } = context;
  const [only] = operands;
  const source = await simulationSource(context);
  const jobs = jobsIn(source);
  if (only !== undefined && !Object.hasOwn(jobs, only)) throw new InitctlError('invalid-job-class', { job: only });
  const bound = numberOption(options, 'bound', WHOLE);
  const exploration = explore(jobs, bound === undefined ? {} : { mostMoves: bound });
  const events = (options.get('ignore-events') ?? '').split(',').filter((event) => event !== '');
  const { findStanza, snapshot } = source;
  const emitted = snapshot ? await bridgeEvents(await context.connect()) : [];
  const known = { events, emitted };
  const faults = faultsOf({ jobs, known, findStanza }, exploration).filter(
    (fault) => only === undefined || fault.jobs.includes(only),
  );
  const { complete, groups, states, moves } = exploration;
  const depth = complete ? null : exploration.depth;
  output.answer(
    () => ({ faults, complete, depth, groups, states, moves }),
    () => [...faults.flatMap(faultText), extentText(exploration)].join('\n'),
  );
  if (faults.length > 0) throw new AnsweredNo();
};
