/**
 * The part of the node library that decides whether a mutating command may run: POSIX sh, sent with every script.
 *
 * All decisions are taken under flock(1). The fence and the intent are written beside their files and synced before either is renamed, so a
 * full disk changes neither. `running` names the shell of the mutating command at work by pid, start time and boot (proc(5), field 22 of
 * stat), so that a pid that was given out again is never taken for it; a newer fence ends it and all that it started, parents first, since a
 * shell whose child dies would go on to its next command. `stopped` names the last command that was given up by its sender: where it comes
 * to the lock later than the one who gave it up, it does not run. The unit of a durable command is ended like any command of an older fence,
 * unless it is the one that is asked for. `drover_claim` keeps every lower fence out from now on and ends what it still runs,
 * but leaves a unit, to be followed. `drover_halt` ends what runs without starting anything, whatever its fence.
 *
 * Refusals: 91 a newer fence is stored here, 92 another command still runs or the lock is held, 93 given up, 94 another machine, 95 another
 * boot, 96 the state could not be read or written.
 */
export const GUARD_LIBRARY = `
drover_started() {
  drover_start=
  { read -r drover_stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  set -- \${drover_stat##*) }
  if [ "$1" != Z ]; then drover_start=\${20}; fi
}
drover_tree() {
  drover_pids=" $1 "
  drover_grew=1
  while [ "$drover_grew" = 1 ]; do
    drover_grew=0
    for drover_stat in /proc/[0-9]*/stat; do
      { read -r drover_line <"$drover_stat"; } 2>/dev/null || continue
      drover_child=\${drover_line%% *}
      set -- \${drover_line##*) }
      case $drover_pids in *" $drover_child "*) continue ;; *" $2 "*) drover_pids="$drover_pids$drover_child "; drover_grew=1 ;; esac
    done
  done
}
drover_alive() {
  for drover_one in "$@"; do
    drover_started "$drover_one"
    if [ -n "$drover_start" ]; then return 0; fi
  done
  return 1
}
drover_kill() {
  drover_tree "$1"
  kill -TERM $drover_pids 2>/dev/null
  kill -CONT $drover_pids 2>/dev/null
  drover_tries=0
  while drover_alive $drover_pids; do
    drover_tries=$((drover_tries + 1))
    if [ "$drover_tries" = 30 ]; then kill -KILL $drover_pids 2>/dev/null; fi
    if [ "$drover_tries" = 60 ]; then return 1; fi
    sleep 0.1 2>/dev/null || sleep 1
  done
}

drover_at_work() {
  drover_pid= drover_since= drover_boot= drover_fence= drover_nonce=
  { read -r drover_pid drover_since drover_boot drover_fence drover_nonce <"$DROVER_HOME/running"; } 2>/dev/null || return 1
  if [ "$drover_boot" != "$drover_here" ]; then return 1; fi
  drover_started "$drover_pid"
  [ -n "$drover_start" ] && [ "$drover_start" = "$drover_since" ]
}
drover_first_line() {
  drover_line=
  { read -r drover_line <"$1"; } 2>/dev/null || [ -n "$drover_line" ]
}
drover_lock() {
  if ! command -v flock >/dev/null; then drover_detail='flock(1) is missing on the node; install util-linux'; return 96; fi
  if ! ( umask 077; { [ -d "$DROVER_HOME" ] || mkdir -p "$DROVER_HOME"; } && : >>"$DROVER_HOME/lock" ) 2>/dev/null; then
    drover_detail="cannot write to $DROVER_HOME: read-only or full"
    return 96
  fi
  exec 9>>"$DROVER_HOME/lock"
  if ! flock -w 10 9; then exec 9>&-; drover_detail='the lock file was held for 10 s'; return 92; fi
  drover_here=
  if drover_first_line "$DROVER_ROOT/proc/sys/kernel/random/boot_id"; then drover_here=$drover_line; fi
}
drover_store() {
  ( umask 077
    printf '%s\\n' "$2" >"$DROVER_HOME/fence.new" &&
      printf 'fence=%s run=%s step=%s attempt=%s boot=%s at=%s\\n' "$2" "$3" "$4" "$5" "$6" "$(date +%s)" >"$DROVER_HOME/intent.new" &&
      printf '%s %s %s %s %s\\n' "$$" "$drover_me" "$6" "$2" "$1" >"$DROVER_HOME/running.new" ) 2>/dev/null &&
    sync "$DROVER_HOME/fence.new" "$DROVER_HOME/intent.new" 2>/dev/null &&
    mv -f "$DROVER_HOME/fence.new" "$DROVER_HOME/fence" && mv -f "$DROVER_HOME/intent.new" "$DROVER_HOME/intent" &&
    sync "$DROVER_HOME" 2>/dev/null
}
drover_admit() {
  drover_stored=0
  if [ -e "$DROVER_HOME/fence" ]; then drover_first_line "$DROVER_HOME/fence"; drover_stored=$drover_line; fi
  case $drover_stored in '' | *[!0-9]*) drover_detail="$DROVER_HOME/fence is damaged"; return 96 ;; esac
  if [ "$2" -lt "$drover_stored" ]; then drover_detail=$drover_stored; return 91; fi
  drover_first_line "$DROVER_ROOT/etc/machine-id"
  if [ "$drover_line" != "$7" ]; then drover_detail=$drover_line; return 94; fi
  if [ "$drover_here" != "$6" ]; then drover_detail=$drover_here; return 95; fi
}
drover_check() {
  drover_admit "$@" || return
  if drover_first_line "$DROVER_HOME/stopped" && [ "$drover_line" = "$1" ]; then drover_detail='its sender had given it up'; return 93; fi
  drover_how= drover_old= drover_left=
  if [ -n "$drover_name" ]; then drover_find "$3" || return; fi
  drover_passes=$drover_halting
  if [ "$drover_how" = follow ]; then drover_passes=1; fi
  if drover_at_work; then
    if [ "$drover_fence$drover_passes" = "$2" ]; then drover_detail="an earlier command of this worker still runs (pid $drover_pid)"; return 92; fi
    drover_old=$drover_pid
  fi
  if [ "$drover_how" != follow ] && drover_unit_known; then
    if [ "$drover_unit_fence$drover_halting" = "$2" ] && drover_unit_lives; then
      drover_detail="an earlier command of this worker still runs ($drover_unit)"
      return 92
    fi
    drover_left=1
  fi
  drover_started "$$"
  drover_me=$drover_start
  if ! drover_store "$@"; then
    rm -f "$DROVER_HOME/fence.new" "$DROVER_HOME/intent.new" "$DROVER_HOME/running.new"
    drover_detail="could not store fence and intent in $DROVER_HOME: full or read-only"
    return 96
  fi
  if [ -n "$drover_old" ] && ! drover_kill "$drover_old"; then
    drover_detail="the command of fence $drover_fence (pid $drover_old) does not end"
    return 92
  fi
  if [ -n "$drover_left" ]; then
    if ! drover_unit_end; then drover_detail="$drover_unit does not end"; return 92; fi
    drover_unit_sweep
  fi
  case $drover_how in
    launch) drover_launch "$@" || return ;;
    follow) drover_record "$@" || { drover_detail="could not write to $DROVER_HOME: full or read-only"; return 96; } ;;
  esac
  mv -f "$DROVER_HOME/running.new" "$DROVER_HOME/running"
}
drover_enter() {
  drover_lock || return
  drover_check "$@"
  drover_code=$?
  exec 9>&-
  return "$drover_code"
}

drover_refuse() {
  drover_ran=0
  printf '\\n%s refused %s %s\\n' "$1" "$2" "$drover_detail"
}
drover_guarded() {
  drover_enter "$@" || { drover_refuse "$1" "$?"; return 0; }
  drover_ran=1
  DROVER_RUN_DIR=$DROVER_HOME/$3
  drover_begin "$1" guarded
  drover_run "$8" "$9"
  drover_code=$?
  rm -f "$DROVER_HOME/running"
  drover_end "$1" guarded "$drover_code"
}
drover_seize() {
  if ! { ( umask 077; printf '%s\\n' "$2" >"$DROVER_HOME/fence.new" ) 2>/dev/null && sync "$DROVER_HOME/fence.new" 2>/dev/null &&
    mv -f "$DROVER_HOME/fence.new" "$DROVER_HOME/fence" && sync "$DROVER_HOME" 2>/dev/null; }; then
    rm -f "$DROVER_HOME/fence.new"
    drover_detail="could not store the fence in $DROVER_HOME: full or read-only"
    return 96
  fi
  if drover_at_work && [ "\${drover_fence:-0}" -lt "$2" ] && ! drover_kill "$drover_pid"; then
    drover_detail="the command of fence $drover_fence (pid $drover_pid) does not end"
    return 92
  fi
}
drover_claim() {
  drover_lock && drover_admit "$@" && drover_seize "$@"
  drover_code=$?
  exec 9>&-
  if [ "$drover_code" != 0 ]; then drover_refuse "$1" "$drover_code"; return 0; fi
  drover_begin "$1" guarded
  drover_end "$1" guarded 0
}
drover_halt() {
  drover_halting=1
  drover_guarded "$@" : ''
}
drover_stop() {
  drover_begin "$1" stop
  drover_lock
  drover_code=$?
  if [ "$drover_code" = 0 ]; then
    ( umask 077; printf '%s\\n' "$2" >"$DROVER_HOME/stopped" ) 2>/dev/null
    if drover_at_work && [ "$drover_nonce" = "$2" ]; then
      drover_kill "$drover_pid"
      drover_code=$?
    fi
    if drover_unit_known && [ "$drover_unit_nonce" = "$2" ]; then drover_unit_end || drover_code=$?; fi
    exec 9>&-
  fi
  drover_end "$1" stop "$drover_code"
}
`;
