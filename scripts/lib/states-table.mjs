import { awaitsText } from './states-svg.mjs';

const target = (next) => {
  if (next === undefined) return '';
  return typeof next === 'string' ? `\`${next}\`` : `\`${next.alive}\`; without main \`${next.gone}\``;
};

/** The engine's transition table as a Markdown table. */
export const statesTable = (transitions) => {
  const lines = Object.entries(transitions).map(([state, row]) => {
    const { start, stop, ending } = row.next;
    const cells = [`\`${state}\``, row.spawns ?? '', awaitsText(row), target(start), target(stop), target(ending)];
    return `| ${cells.join(' | ')} |`;
  });
  const head = '| state | starts | stays there | goal start | goal stop | run must end |';
  return [head, '|---|---|---|---|---|---|', ...lines].join('\n');
};
