/**
 * What the guard and the node library share: where the guard's state is, and how it is written. POSIX sh.
 *
 * `armed` in drover's folder names the run and the move whose guard is in force; there is at most one. The folder of a move,
 * `RUN/deadman/NAME`, holds `move` (what to bring up, and the times), `paths` (the files that belong to it), `old` and `new` (their copies)
 * and `state`, one line: the place, the boot and the uptime since which it is so, the boot that it was armed on, whether it has restarted
 * the node, how often it has gone back, and why it did what it did last. All of them are
 * written beside, synced and renamed, under flock(1) of the folder itself, which works on a full disk as well.
 * `reserve` (and one in /etc, which may be
 * another disk) is room that is given up when there is no other; what could not be written at all is kept in mind (`deadman_unsaved`)
 * as long as nobody else writes.
 */
export const DEADMAN_STATE = `
DEADMAN_UNIT=drover-deadman.service DEADMAN_RESERVE=$DROVER_ROOT/etc/.drover-reserve deadman_unsaved='' deadman_under=''
deadman_store() {
  deadman_write "$1" "$2" && return 0
  rm -f "$deadman_dir/reserve"
  deadman_write "$1" "$2"
}
deadman_write() {
  ( umask 077; printf '%s\\n' "$2" >"$1.new" ) 2>/dev/null && sync "$1.new" 2>/dev/null && mv -f "$1.new" "$1" && sync "\${1%/*}" 2>/dev/null
}
deadman_line_of() {
  deadman_read=
  { read -r deadman_read <"$1"; } 2>/dev/null || [ -n "$deadman_read" ]
}
deadman_here() {
  deadman_boot=- deadman_up=0
  if deadman_line_of "$DROVER_ROOT/proc/sys/kernel/random/boot_id"; then deadman_boot=$deadman_read; fi
  if deadman_line_of "$DROVER_ROOT/proc/uptime"; then deadman_up=\${deadman_read%%[. ]*}; fi
}
deadman_find() {
  deadman_run='' deadman_name=''
  { read -r deadman_run deadman_name <"$DROVER_HOME/armed"; } 2>/dev/null
  case $deadman_run in '' | .* | */*) return 1 ;; esac
  case $deadman_name in '' | .* | */*) return 1 ;; esac
  deadman_dir=$DROVER_HOME/$deadman_run/deadman/$deadman_name
}
deadman_recall() {
  deadman_line_of "$deadman_dir/state" || deadman_read='before - 0 - no 0 its state was lost'
  if [ -n "$deadman_unsaved" ] && [ "$deadman_read" = "$deadman_under" ]; then deadman_read=$deadman_unsaved; else deadman_unsaved=''; fi
  deadman_state=$deadman_read
  # shellcheck disable=SC2086 # to split it is the point
  set -- $deadman_state
  deadman_place=\${1-} deadman_on=\${2-} deadman_since=\${3-} deadman_armed=\${4-} deadman_restarted=\${5-} deadman_reverts=\${6-}
  deadman_last=-
  if [ $# -gt 6 ]; then shift 6; deadman_last=$*; fi
}
deadman_imagine() {
  deadman_unsaved="$1 $2 $3 $deadman_armed $deadman_restarted $deadman_reverts $4" deadman_under=''
  if deadman_line_of "$deadman_dir/state"; then deadman_under=$deadman_read; fi
  deadman_recall
}
deadman_note() {
  if deadman_store "$deadman_dir/state" "$1 $2 $3 $deadman_armed $deadman_restarted $deadman_reverts $4"; then
    deadman_unsaved=''
    deadman_recall
  else
    deadman_imagine "$@"
    return 1
  fi
}
deadman_lock() {
  [ -d "$deadman_dir" ] || return 1
  exec 8<"$deadman_dir"
  flock -w "$1" 8 && return 0
  exec 8<&-
  return 1
}
deadman_unlock() { exec 8<&-; }
deadman_units() { deadman_unit=$DROVER_ROOT/etc/systemd/system/$DEADMAN_UNIT deadman_wants=$DROVER_ROOT/etc/systemd/system/multi-user.target.wants; }
deadman_tidy() {
  deadman_units
  rm -f "$DROVER_HOME/armed" "$deadman_wants/$DEADMAN_UNIT" "$deadman_unit" "\${deadman_dir%/*}/guard" "$deadman_dir/reserve" "$DEADMAN_RESERVE" &&
    sync "$DROVER_HOME" "$deadman_wants" "\${deadman_unit%/*}" "$deadman_dir" 2>/dev/null
  systemctl daemon-reload
}
`;
