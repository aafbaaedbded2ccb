/**
 * Where this daemon answers otherwise than the recorded one: `row` is the beginning of the row of docs/compatibility.md
 * that tells of it, `steps` the titles of the steps it may show in, `differs` the differences it explains there. One that
 * shows only where the machine is quick enough is `timely`: it need not show.
 */
export const TRANSCRIPT_DIFFERENCES = [
  {
    row: '| `restart` of a job with `pre-stop` does nothing |',
    steps: /\/jobs\/multi(?:\/_)? (?:Restart|GetAll|Stop)\(/,
    differs: /^signals of |^reply: expected .*"processes":\["main"\]/,
  },
  {
    row: '| `restart` before `running` does nothing |',
    timely: true,
    steps: /\/jobs\/slow(?:\/_)? (?:Restart|GetAll|Stop)\(/,
    differs: /^signals of |^reply: expected .*"processes":\["pre-start"\]/,
  },
  {
    row: '| an event that satisfies half of a condition is held,',
    steps: /EmitEvent\('x', \[\], True\)|EmitEvent\('y', /,
    differs: /^reply: expected org\.freedesktop\.DBus\.Error\.NoReply|^signals of \/com\/ubuntu\/Upstart:/,
  },
  {
    row: '| a job whose file changed is announced by `JobRemoved` and `JobAdded`',
    steps: /^(?:rewritten in place|rename over|override added|override removed)$/,
    differs: /^signals of \/com\/ubuntu\/Upstart: expected JobRemoved\[\S*\] (JobAdded\[\S*\]), got \1$/,
  },
  {
    row: '| `reload-configuration` replaces every job |',
    steps: /ReloadConfiguration\(\)/,
    differs: /^signals of .*, got $/,
  },
  {
    row: '| the last signals of a session that ends are lost |',
    steps: /EndSession\(\)/,
    differs: /^signals of /,
  },
  {
    row: '| properties never tell that they change |',
    steps: / Introspect\(\)/,
    differs: /^introspection has name="org\.freedesktop\.DBus\.Properties" name="PropertiesChanged"/,
  },
];
