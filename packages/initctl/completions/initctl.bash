# bash completion for initctl and its programs.
# Generated from the command table: do not edit. See scripts/lib/completions.mjs.

# Names of jobs: all of them, or those whose state begins so.
_initctl_jobs() {
  initctl list 2>/dev/null | awk -v want="$1" '
    /^[^\t]/ {
      state = ""
      for (i = 2; i <= NF; i++) if ($i ~ /^(start|stop)\//) { state = $i; sub(/,$/, "", state); break }
      if (index(state, want) == 1) print $1
    }' | sort -u
}

_initctl() {
  local current=${COMP_WORDS[COMP_CWORD]} command=${1##*/} options='' operands='' word
  local -a words
  COMPREPLY=()
  if [ "$command" = initctl ]; then
    command=''
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
      case $word in
        -*) ;;
        *) command=$word; break ;;
      esac
    done
  fi
  case $command in
    '') options='--session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands='start stop restart reload status list emit get-env list-env reset-env set-env unset-env reload-configuration version log-priority show-config check-config usage notify-cgroup-manager-address notify-dbus-address notify-disk-writeable list-sessions help release-files resume-files explain log timers simulate test confirm wait top enable disable edit restart-init journal history timeline blame critical-chain graph sessions session dbus-activation' ;;
    start) options='-n --no-wait --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs 'stop/')" ;;
    stop) options='-n --no-wait --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs 'start/')" ;;
    restart) options='-n --no-wait --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs 'start/')" ;;
    reload) options='--session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs 'start/')" ;;
    status) options='-l --long --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs '')" ;;
    list) options='--tree --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    emit) options='-n --no-wait --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    get-env) options='-g --global --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(initctl list-env 2>/dev/null | cut -d= -f1)" ;;
    list-env) options='-g --global --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    reset-env) options='-g --global --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    set-env) options='-g --global -r --retain --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    unset-env) options='-g --global --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(initctl list-env 2>/dev/null | cut -d= -f1)" ;;
    reload-configuration) options='--session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    version) options='--json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    log-priority) options='--json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="debug info message warn error fatal" ;;
    show-config) options='-e --enumerate --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs '')" ;;
    check-config) options='-i --ignore-events -w --warn --proof --bound --confdir --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs '')" ;;
    usage) options='--json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs '')" ;;
    notify-cgroup-manager-address) options='--session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    notify-dbus-address) options='--session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    notify-disk-writeable) options='--session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    list-sessions) options='--json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    help) options='--json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    release-files) options='--session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    resume-files) options='--session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    explain) options='--event --at --journal-dir --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    log) options='-f --follow -n --lines --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs '')" ;;
    timers) options='--json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    simulate) options='--exit --after --ready --processes --recorded --confdir --against --until --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    test) options='--confdir -w --watch --junit --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    confirm) options='--timeout --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    wait) options='--for --timeout --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs '')" ;;
    top) options='-s --sort -i --interval --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    enable) options='--confdir --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs '')" ;;
    disable) options='--confdir --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs '')" ;;
    edit) options='--confdir --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs '')" ;;
    restart-init) options='--session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    journal) options='--job --event --what --session --since --until --boot -f --follow -n --lines --journal-dir --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    history) options='--session --since --until --boot --journal-dir --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    timeline) options='--html --svg -o --outfile --causes --whole --since --until --boot --journal-dir --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    blame) options='--boot --journal-dir --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    critical-chain) options='--boot --journal-dir --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="$(_initctl_jobs '')" ;;
    graph) options='--boot --boots-ago --causes --effects --depth --ungrouped --format -o --outfile --confdir --journal-dir --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    sessions) options='--json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    session) options='--startup-event --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    dbus-activation) options='--fallback --service-dir --json --session --system --dest --user -q --quiet -v --verbose --help --version --global --in-session --chroot' operands="" ;;
    telinit) options='-e -q --quiet -v --verbose --help --version' ;;
    runlevel) options='-q --quiet -v --verbose --help --version' ;;
    shutdown) options='-r -h -H -P -c -k -q --quiet -v --verbose --help --version' ;;
    reboot) options='-n --no-sync -f --force -p --poweroff -w --wtmp-only -q --quiet -v --verbose --help --version' ;;
    halt) options='-n --no-sync -f --force -p --poweroff -w --wtmp-only -q --quiet -v --verbose --help --version' ;;
    poweroff) options='-n --no-sync -f --force -p --poweroff -w --wtmp-only -q --quiet -v --verbose --help --version' ;;
    init-checkconf) options='-d --debug -f --file -i --initctl-path -s --noscript -x --upstart-path -h --help --version' ;;
    initctl2dot) options='-f --infile -o --outfile -r --restrict-to-jobs --user --system --color-emits --color-start-on --color-stop-on --color-event --color-text --color-event-text --color-job-text --color-bg --color-job -h --help --version' ;;
    upstart-monitor) options='-n --no-gui -s --separator -d --destination -h --help --version' ;;
  esac
  case $current in
    -*) operands=$options ;;
  esac
  # Not compgen -W, which would expand what a job is called.
  IFS=$' \n' read -r -d '' -a words <<<"$operands"
  for word in "${words[@]}"; do
    if [[ $word == "$current"* ]]; then COMPREPLY+=("$word"); fi
  done
}

complete -F _initctl initctl start stop restart reload status
complete -F _initctl telinit shutdown reboot halt poweroff initctl2dot upstart-monitor
complete -o default -F _initctl runlevel init-checkconf
