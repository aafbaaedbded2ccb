@preprocessor typescript

# The language, one stanza at a time.
#
# Words, commands and blocks come from the lexer whole, so that no shell text is ever parsed here. Lists are
# left-recursive and nothing is nullable. What a word may say (numbers, signals, names) is the stanza table's.

@{%
import { and, expression, group, match, not, or, stanza, term, words } from '../grammar-actions.js';
import { adjustment, event, fdWord, formatWord, job, keyed, lexer, positional } from '../grammar-tokens.js';
import { readiness, rotateWord, scoreWord, transport, unlimitedWord } from '../grammar-tokens.js';
%}

@lexer lexer

stanza -> plain {% id %}
  | process {% id %}
  | expression {% id %}

plain -> "description" %word {% stanza('description') %}
  | "author" %word {% stanza('author') %}
  | "version" %word {% stanza('version') %}
  | "usage" %word {% stanza('usage') %}
  | "emits" words {% stanza('emits') %}
  | "debug" {% stanza('debug') %}
  | "instance" %word {% stanza('instance') %}
  | "env" %word {% stanza('env') %}
  | "export" words {% stanza('export') %}
  | "import" words {% stanza('import') %}
  | "manual" {% stanza('manual') %}
  | "tmpfiles" words {% stanza('tmpfiles') %}
  | "task" {% stanza('task') %}
  | "respawn" {% stanza('respawn') %}
  | "respawn" "limit" %word %word {% stanza('respawn limit') %}
  | "respawn" "limit" %unlimitedWord {% stanza('respawn limit') %}
  | "respawn" "backoff" %word %word {% stanza('respawn backoff') %}
  | "expect" %readiness {% stanza('expect') %}
  | "expect" %fdWord %word {% stanza('expect fd') %}
  | "kill" "timeout" %word {% stanza('kill timeout') %}
  | "kill" "signal" %word {% stanza('kill signal') %}
  | "reload" "signal" %word {% stanza('reload signal') %}
  | "normal" "exit" words {% stanza('normal exit') %}
  | "start" "timeout" %word {% stanza('start timeout') %}
  | "event" "timeout" %word {% stanza('event timeout') %}
  | "watchdog" %word {% stanza('watchdog') %}
  | "console" %word {% stanza('console') %}
  | "log" %transport {% stanza('log') %}
  | "log" %rotateWord %word %word {% stanza('log rotate') %}
  | "log" %formatWord %word {% stanza('log format') %}
  | "umask" %word {% stanza('umask') %}
  | "nice" %word {% stanza('nice') %}
  | "oom" %adjustment {% stanza('oom') %}
  | "oom" %scoreWord %word {% stanza('oom score') %}
  | "limit" %word %word %word {% stanza('limit') %}
  | "chroot" %word {% stanza('chroot') %}
  | "chdir" %word {% stanza('chdir') %}
  | "setuid" %word {% stanza('setuid') %}
  | "setgid" %word {% stanza('setgid') %}
  | "apparmor" "load" %word {% stanza('apparmor load') %}
  | "apparmor" "switch" %word {% stanza('apparmor switch') %}
  | "cgroup" %word {% stanza('cgroup') %}
  | "cgroup" %word %word {% stanza('cgroup') %}
  | "cgroup" %word %word %word {% stanza('cgroup') %}
  | "cgroup" %word %word %word %word {% stanza('cgroup') %}

words -> %word {% ([word]) => [word] %}
  | words %word {% words %}

process -> "exec" %command {% stanza('exec') %}
  | "script" %block {% stanza('script') %}
  | "pre-start" "exec" %command {% stanza('pre-start exec') %}
  | "pre-start" "script" %block {% stanza('pre-start script') %}
  | "post-start" "exec" %command {% stanza('post-start exec') %}
  | "post-start" "script" %block {% stanza('post-start script') %}
  | "pre-stop" "exec" %command {% stanza('pre-stop exec') %}
  | "pre-stop" "script" %block {% stanza('pre-stop script') %}
  | "post-stop" "exec" %command {% stanza('post-stop exec') %}
  | "post-stop" "script" %block {% stanza('post-stop script') %}

expression -> "start" "on" events {% expression('start on') %}
  | "stop" "on" events {% expression('stop on') %}
  | "while" states {% expression('while') %}

# `and` and `or` bind equally and to the left.
events -> eventOperand {% id %}
  | events "and" eventOperand {% and %}
  | events "or" eventOperand {% or %}
eventOperand -> eventMatch {% id %}
  | "(" events ")" {% group %}
eventMatch -> positionals {% match %}
  | positionals nameds {% match %}
positionals -> %event {% ([word]) => [word] %}
  | positionals %positional {% words %}
nameds -> %keyed {% ([word]) => [word] %}
  | nameds %keyed {% words %}

# `not` binds tightest.
states -> stateOperand {% id %}
  | states "and" stateOperand {% and %}
  | states "or" stateOperand {% or %}
stateOperand -> statePrimary {% id %}
  | nots statePrimary {% not %}
nots -> "not" {% () => 1 %}
  | nots "not" {% ([count]) => count + 1 %}
statePrimary -> %job {% term %}
  | %job nameds {% term %}
  | "(" states ")" {% group %}
