/**
 * The part of the node library that knows the unit of a durable command and ends it: POSIX sh, sent with every mutating command.
 *
 * `unit` in drover's folder names the unit that was last started or followed: there is at most one. It is asked of systemd only on the boot
 * that it was started on. systemd-run(1) of EL7 has neither --collect nor most properties, so units are ended by signals: SIGTERM to all in
 * it, SIGKILL after three seconds, and it counts as gone when systemd says so.
 */
export const UNITS_LIBRARY = `
drover_unit_known() {
  drover_unit= drover_unit_run= drover_unit_boot= drover_unit_fence= drover_unit_nonce=
  { read -r drover_unit drover_unit_run drover_unit_boot drover_unit_fence drover_unit_nonce <"$DROVER_HOME/unit"; } 2>/dev/null
  case $drover_unit_run in '' | .* | */*) return 1 ;; esac
  case $drover_unit in drover-*/*) return 1 ;; drover-*) ;; *) return 1 ;; esac
}
drover_unit_lives() {
  if [ "$drover_unit_boot" != "$drover_here" ]; then return 1; fi
  case $(systemctl is-active "$drover_unit.service" 2>/dev/null) in inactive | failed | unknown) return 1 ;; esac
}
drover_unit_signal() { systemctl kill --signal="$1" "$drover_unit.service" 2>/dev/null; }
drover_unit_end() {
  drover_tries=0
  while drover_unit_lives; do
    case $drover_tries in
      0) drover_unit_signal SIGTERM; drover_unit_signal SIGCONT ;;
      30) drover_unit_signal SIGKILL ;;
      60) return 1 ;;
    esac
    drover_tries=$((drover_tries + 1))
    sleep 0.1 2>/dev/null || sleep 1
  done
}
drover_unit_sweep() {
  if [ "$drover_unit_boot" = "$drover_here" ]; then systemctl reset-failed "$drover_unit.service" 2>/dev/null; fi
  rm -rf "$DROVER_HOME/$drover_unit_run/units/$drover_unit"
  rmdir "$DROVER_HOME/$drover_unit_run/units" "$DROVER_HOME/$drover_unit_run" 2>/dev/null
  rm -f "$DROVER_HOME/unit"
}
`;

/**
 * The part of the node library that starts durable commands and follows them: POSIX sh, sent with those only.
 *
 * A unit `drover-RUN-STEP-ATTEMPT-…` has a folder of its name in the run's folder with `out`, `err` and, once it has ended, `code`. They stay
 * until another mutating command comes, which tells that what they say has been read and journaled. The script, which may hold secrets, is
 * handed over in /run (tmpfs, 0700): its first act is to remove itself, so it runs once at most, and when systemd-run(1) fails but could
 * not take it back it does run. The unit is started under the lock: who comes next finds it.
 *
 * Refusal 90: nothing of that name is there to be followed, or it is gone without an exit status (ended from outside, or by a boot).
 */
export const DURABLE_LIBRARY = `
drover_find() {
  drover_unit_dir=$DROVER_HOME/$1/units/$drover_name
  drover_how=launch
  drover_detail='nothing of it is there'
  if drover_unit_known && [ "$drover_unit" = "$drover_name" ]; then
    drover_detail='it is gone without an exit status'
    if drover_unit_lives; then drover_how=follow
    elif [ "$drover_mode" = attach ] && [ -e "$drover_unit_dir/code" ]; then drover_how=follow
    fi
  fi
  if [ "$drover_mode" = attach ] && [ "$drover_how" != follow ]; then return 90; fi
}
drover_record() {
  ( umask 077; printf '%s %s %s %s %s\\n' "$drover_name" "$3" "$6" "$2" "$1" >"$DROVER_HOME/unit.new" ) 2>/dev/null &&
    mv -f "$DROVER_HOME/unit.new" "$DROVER_HOME/unit" && drover_unit_known
}
drover_launch() {
  drover_hand=$DROVER_ROOT/run/drover
  drover_detail="could not keep the command in $drover_unit_dir: full or read-only"
  ( umask 077
    rm -rf "$drover_unit_dir" && mkdir -p "$drover_unit_dir" && : >"$drover_unit_dir/out" && : >"$drover_unit_dir/err" ) 2>/dev/null || return 96
  drover_how=attached
  drover_lacks='systemd is not at work here'
  if [ ! -d "$DROVER_ROOT/run/systemd/system" ] || ! command -v systemd-run >/dev/null; then return 0; fi
  drover_detail="could not hand the command over in $drover_hand"
  if ! ( umask 077; rm -rf "$drover_hand" && mkdir -p "$drover_hand" &&
    printf '%s\\n' 'rm "$0" || exit 1' 'drover_unit_dir=$1 DROVER_ROOT=$2 HOME=\${HOME-/root}' 'export HOME' \\
      'exec >"$drover_unit_dir/out" 2>"$drover_unit_dir/err" </dev/null' "$drover_script" \\
      'printf "%s\\n" "$?" >"$drover_unit_dir/code.new" && sync "$drover_unit_dir/code.new" && mv -f "$drover_unit_dir/code.new" "$drover_unit_dir/code"' \\
      >"$drover_hand/$drover_name" ) 2>/dev/null || ! drover_record "$@"; then
    rm -rf "$drover_hand"
    return 96
  fi
  drover_how=unit
  if drover_lacks=$(systemd-run --unit="$drover_name" --description="drover: run $3, step $4" \\
    /bin/sh "$drover_hand/$drover_name" "$drover_unit_dir" "$DROVER_ROOT" 2>&1 </dev/null 9>&-); then return 0; fi
  if rm "$drover_hand/$drover_name" 2>/dev/null; then
    rm -f "$DROVER_HOME/unit"
    drover_how=attached
  fi
}
drover_follow() {
  exec 3<"$drover_unit_dir/out" 4<"$drover_unit_dir/err"
  drover_tick=0 drover_last= drover_code=
  while [ -z "$drover_last" ]; do
    if [ -e "$drover_unit_dir/code" ]; then drover_last=1
    elif [ "$drover_tick" = 5 ]; then
      drover_tick=0
      if ! drover_unit_lives && [ ! -e "$drover_unit_dir/code" ]; then drover_last=1; fi
    fi
    cat <&3 || exit 1
    cat <&4 >&2 || exit 1
    if [ -z "$drover_last" ]; then
      drover_tick=$((drover_tick + 1))
      sleep 0.2 2>/dev/null || sleep 1
    fi
  done
  exec 3<&- 4<&-
  if [ -e "$drover_unit_dir/code" ]; then read -r drover_code <"$drover_unit_dir/code"; fi
}
drover_attached() {
  drover_say "$drover_lacks; the command runs attached to this connection"
  { { { ( eval "$drover_script" ); printf '%s\\n' "$?" >"$drover_unit_dir/code"; } 2>&1 1>&3 |
    ( trap '' PIPE HUP; tee "$drover_unit_dir/err" ) >&2 2>/dev/null; } 3>&1 |
    ( trap '' PIPE HUP; tee "$drover_unit_dir/out" 2>/dev/null ); }
  drover_code=1
  if [ -f "$drover_unit_dir/code" ]; then read -r drover_code <"$drover_unit_dir/code"; fi
  rm -rf "$drover_unit_dir"
}
drover_durable() {
  drover_name=$8 drover_mode=$9 drover_script=\${10}
  drover_enter "$@" || { drover_refuse "$1" "$?"; return 0; }
  drover_ran=1
  drover_begin "$1" guarded
  if [ "$drover_how" = attached ]; then drover_attached; else drover_follow; fi
  rm -f "$DROVER_HOME/running"
  if [ -z "$drover_code" ]; then
    drover_detail='it is gone without an exit status'
    drover_refuse "$1" 90
    return 0
  fi
  drover_end "$1" guarded "$drover_code"
}
`;
