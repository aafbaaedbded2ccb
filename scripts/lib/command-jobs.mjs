/** Job files that behave as those of the recorded session (user.txt) did. */
const SLEEP = 'exec sleep 300\n';

export const COMMAND_JOBS = {
  inst: `instance $X\nusage "inst X=name"\n${SLEEP}`,
  inst2: `instance $X-$Y\nenv Y=dflt\n${SLEEP}`,
  usesglob: `start on foo-x and started sleeper\nstop on runlevel [016] or stopping sleeper\n${SLEEP}`,
  nobin: 'exec /nonexistent/program\n',
  nobintask: 'task\nexec /nonexistent/program\n',
  prefail: `pre-start exec false\n${SLEEP}`,
  failtask: 'task\nexec false\n',
  hup: SLEEP,
  unreach: `start on no-such-event or stopped no-such-job\nstop on other-missing\n${SLEEP}`,
  badgroup: `setgid no-such-group\n${SLEEP}`,
  baduser: `setuid no-such-user\n${SLEEP}`,
  badchdir: `chdir /nonexistent\n${SLEEP}`,
  daemonx: 'expect daemon\nexec sh -c "(sleep 300 &) & exit 0"\n',
  stopper: 'expect stop\nscript\n  kill -STOP $$\n  exec sleep 300\nend script\n',
  exit3: 'script\n  sleep 0.2\n  exit 3\nend script\n',
  exit0: 'exec sleep 0.2\n',
  normalexit: 'normal exit 3\nrespawn\nscript\n  sleep 0.2\n  exit 3\nend script\n',
  failev: 'start on failev\ntask\nexec false\n',
  forker: 'expect fork\nexec sh -c "sleep 300 & exit 0"\n',
  task1: 'task\nexec true\n',
  taskfast: 'task\nexec true\n',
  outjob: 'task\nconsole none\nexec echo not-logged\n',
  sleeper: 'usage "sleeper has no options"\nexec sleep infinity\n',
  onevent:
    'start on ev1 FOO=b*\nstop on ev2\ntask\nscript\n  env | sort\n  [ "$FOO" != bar ] || exit 0\n  exec sleep 300\nend script\n',
  'sub/nested': SLEEP,
  postfail: `post-start exec false\n${SLEEP}`,
  prestopfail: `pre-stop exec false\n${SLEEP}`,
  logjob: 'task\nexec echo to-log\n',
  respawner: `respawn\n${SLEEP}`,
  multi: ['pre-start', 'post-start', 'pre-stop', 'post-stop']
    .map((role) => `${role} exec sleep 1\n`)
    .concat(SLEEP)
    .join(''),
  emitter: 'emits foo-*\nemits bar\n',
  envdef: `env NAME\n${SLEEP}`,
  envjob: 'task\nenv A=1\nenv B="two words"\nscript\n  env | sort\nend script\n',
  ignoreterm: 'kill timeout 1\nscript\n  trap "" TERM\n  while :; do sleep 1; done\nend script\n',
  respawnfast: 'respawn\nrespawn limit 3 5\nexec sh -c "sleep 0.3; exit 1"\n',
  sigtask: 'task\nexec sh -c "kill -KILL \\$\\$"\n',
  noproc: 'start on ev-np\nstop on ev-np-off\n',
};

/** What was done to the machine before a step: by the command, and how often it was given before. */
export const BEFORE_STEP = {
  'initctl --user status added': [
    ({ write }) => write('added', SLEEP),
    ({ write }) => write('added', 'bogus\n'),
    ({ remove }) => remove('added'),
  ],
};

/** What the notes of the session say was done. */
export const NOTES = [{ note: /^\(kill -9 \d+\)$/, act: ({ kill }) => kill('respawner') }];

/** In the section on changed files, by the number of the step there. */
export const CHANGES = {
  "change a running job's conf": {
    1: ({ write }) => write('sleeper', 'usage "sleeper has no options"\nexec sleep 88\n'),
    7: ({ remove }) => remove('sleeper'),
  },
};
