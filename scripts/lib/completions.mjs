/**
 * Completions for shells, from the tables of @maverick/initctl: what `initctl help` knows, the shells know.
 */

/** What stands behind a command, by the first word of its usage. */
const OPERANDS = { JOB: 'job', '[JOB]': 'job', '[PRIORITY]': 'priority', VARIABLE: 'variable' };

/** Commands that are about jobs in one state only, as a line of `initctl list` has it behind the name. */
const STATES = { start: 'stop/', stop: 'start/', restart: 'start/', reload: 'start/' };

const PRIORITIES = 'debug info message warn error fatal';

const operandOf = ({ usage = '' }) => OPERANDS[usage.split(/[ .]/, 1)[0]] ?? 'none';

const shownOptions = (options) => options.filter(({ help }) => help !== undefined);

const flags = (options) =>
  shownOptions(options).flatMap(({ short, long }) => [
    ...(short === undefined ? [] : [`-${short}`]),
    ...(long === undefined ? [] : [`--${long}`]),
  ]);

/** Programs of their own whose operand is a file. */
const takesFile = ({ usage = '' }) => /FILE|UTMP/.test(usage);

const NOTE = 'Generated from the command table: do not edit. See scripts/lib/completions.mjs.';

/** Names of jobs whose line of `initctl list` has this behind the name, or of all. Options before the word say which daemon. */
const LIST = `initctl list 2>/dev/null`;

const bashCase = (name, row, globals) => {
  const words = flags([...row.options, ...globals]).join(' ');
  const operand = operandOf(row);
  const more = {
    job: `$(_initctl_jobs '${STATES[name] ?? ''}')`,
    priority: PRIORITIES,
    variable: '$(initctl list-env 2>/dev/null | cut -d= -f1)',
    none: '',
  }[operand];
  return `    ${name}) options='${words}' operands="${more}" ;;`;
};

export const bashCompletion = ({ commands, globals, programs }) => `# bash completion for initctl and its programs.
# ${NOTE}

# Names of jobs: all of them, or those whose state begins so.
_initctl_jobs() {
  ${LIST} | awk -v want="$1" '
    /^[^\\t]/ {
      state = ""
      for (i = 2; i <= NF; i++) if ($i ~ /^(start|stop)\\//) { state = $i; sub(/,$/, "", state); break }
      if (index(state, want) == 1) print $1
    }' | sort -u
}

_initctl() {
  local current=\${COMP_WORDS[COMP_CWORD]} command=\${1##*/} options='' operands='' word
  local -a words
  COMPREPLY=()
  if [ "$command" = initctl ]; then
    command=''
    for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
      case $word in
        -*) ;;
        *) command=$word; break ;;
      esac
    done
  fi
  case $command in
    '') options='${flags(globals).join(' ')}' operands='${Object.keys(commands).join(' ')}' ;;
${Object.entries(commands)
  .map(([name, row]) => bashCase(name, row, globals))
  .join('\n')}
${Object.entries(programs)
  .map(([name, row]) => `    ${name}) options='${flags(row.options).join(' ')}' ;;`)
  .join('\n')}
  esac
  case $current in
    -*) operands=$options ;;
  esac
  # Not compgen -W, which would expand what a job is called.
  IFS=$' \\n' read -r -d '' -a words <<<"$operands"
  for word in "\${words[@]}"; do
    if [[ $word == "$current"* ]]; then COMPREPLY+=("$word"); fi
  done
}

complete -F _initctl initctl ${Object.entries(commands)
  .filter(([, { group }]) => group === 'Job')
  .map(([name]) => name)
  .filter((name) => name !== 'list')
  .join(' ')}
complete -F _initctl ${Object.entries(programs)
  .filter(([, row]) => !takesFile(row))
  .map(([name]) => name)
  .join(' ')}
complete -o default -F _initctl ${Object.entries(programs)
  .filter(([, row]) => takesFile(row))
  .map(([name]) => name)
  .join(' ')}
`;

const zshQuote = (text) => text.replaceAll("'", "'\\''").replace(/[[\]:]/g, '\\$&');

const zshOption = ({ short, long, argument, help }) => {
  const names = [...(short === undefined ? [] : [`-${short}`]), ...(long === undefined ? [] : [`--${long}`])];
  const value = argument === undefined ? '' : `:${argument.toLowerCase()}:`;
  return names.map((name) => {
    const form = argument !== undefined && name.startsWith('--') ? `${name}=` : name;
    return `'${form}[${zshQuote(help)}]${value}'`;
  });
};

const zshOptions = (options) => shownOptions(options).flatMap(zshOption).join(' ');

const zshOperand = (name, row) =>
  ({
    job: `'*:job:_initctl_jobs "${STATES[name] ?? ''}"'`,
    priority: `'1:priority:(${PRIORITIES})'`,
    variable: `'*:variable:_initctl_variables'`,
    none: '',
  })[operandOf(row)];

export const zshCompletion = ({
  commands,
  globals,
  programs,
}) => `#compdef initctl start stop restart reload status ${Object.keys(programs).join(' ')}
# zsh completion for initctl and its programs.
# ${NOTE}

_initctl_jobs() {
  local -a jobs
  jobs=(\${(f)"$(${LIST} | awk -v want="$1" '
    /^[^\\t]/ {
      state = ""
      for (i = 2; i <= NF; i++) if ($i ~ /^(start|stop)\\//) { state = $i; break }
      if (index(state, want) == 1) print $1
    }' | sort -u)"})
  compadd -a jobs
}

_initctl_variables() {
  local -a variables
  variables=(\${(f)"$(initctl list-env 2>/dev/null | cut -d= -f1)"})
  compadd -a variables
}

_initctl_commands() {
  local -a commands
  commands=(
${Object.entries(commands)
  .map(([name, { summary }]) => `    '${name}:${zshQuote(summary)}'`)
  .join('\n')}
  )
  _describe command commands
}

_initctl_command() {
  case $1 in
${Object.entries(commands)
  .map(
    ([name, row]) =>
      `    ${name}) _arguments ${`${zshOptions([...row.options, ...globals])} ${zshOperand(name, row)}`.trim()} ;;`,
  )
  .join('\n')}
${Object.entries(programs)
  .map(
    ([name, row]) =>
      `    ${name}) _arguments ${`${zshOptions(row.options)} ${takesFile(row) ? "'1:file:_files'" : ''}`.trim()} ;;`,
  )
  .join('\n')}
  esac
}

_initctl() {
  local curcontext=$curcontext state line
  if [[ $service != initctl ]]; then
    _initctl_command $service
    return
  fi
  _arguments -C ${zshOptions(globals)} '1:command:_initctl_commands' '*::operand:->operands'
  if [[ $state == operands ]]; then
    _initctl_command $line[1]
  fi
}

_initctl "$@"
`;

const fishQuote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const fishOptions = (condition, options) =>
  shownOptions(options).map(({ short, long, argument, help }) =>
    [
      `complete ${condition}`,
      ...(short === undefined ? [] : [`-s ${short}`]),
      ...(long === undefined ? [] : [`-l ${long}`]),
      ...(argument === undefined ? [] : ['-r']),
      `-d ${fishQuote(help)}`,
    ].join(' '),
  );

const fishOperand = (name, row) =>
  ({
    job: `(__initctl_jobs ${fishQuote(STATES[name] ?? '')})`,
    priority: PRIORITIES,
    variable: '(initctl list-env 2>/dev/null | cut -d= -f1)',
    none: undefined,
  })[operandOf(row)];

const fishCommand = ([name, row]) => {
  const seen = `-c initctl -n '__fish_seen_subcommand_from ${name}'`;
  const operand = fishOperand(name, row);
  return [
    `complete -c initctl -n __fish_use_subcommand -a ${name} -d ${fishQuote(row.summary)}`,
    ...fishOptions(seen, row.options),
    ...(operand === undefined ? [] : [`complete ${seen} -a ${fishQuote(operand)}`]),
  ];
};

/** A command whose name is a program's, too. */
const fishLink = ([name, row], globals) => [
  `complete -c ${name} -f -a ${fishQuote(fishOperand(name, row) ?? '')}`,
  ...fishOptions(`-c ${name}`, [...row.options, ...globals]),
];

const LINKED = ['start', 'stop', 'restart', 'reload', 'status'];

export const fishCompletion = ({ commands, globals, programs }) => `# fish completion for initctl and its programs.
# ${NOTE}

function __initctl_jobs
    ${LIST} | awk -v want="$argv[1]" '
        /^[^\\t]/ {
            state = ""
            for (i = 2; i <= NF; i++) if ($i ~ /^(start|stop)\\//) { state = $i; break }
            if (index(state, want) == 1) print $1
        }' | sort -u
end

complete -c initctl -f
${fishOptions('-c initctl', globals).join('\n')}
${Object.entries(commands).flatMap(fishCommand).join('\n')}
${LINKED.flatMap((name) => fishLink([name, commands[name]], globals)).join('\n')}
${Object.entries(programs)
  .flatMap(([name, row]) => [
    ...(takesFile(row) ? [] : [`complete -c ${name} -f`]),
    ...fishOptions(`-c ${name}`, row.options),
  ])
  .join('\n')}
`;
