import { DEADMAN_STATE } from './deadman-state.ts';

/**
 * The part of the node library that asks and disarms the guard of an address move: POSIX sh, sent only where a text calls it.
 *
 * It is confirmed only where it stands at the new place, and by a command that was let in on this boot.
 *
 * Exit codes: 75 it is busy for a moment, 97 nothing is armed for this run, 98 it has gone back to the old place.
 */
export const DEADMAN_LIBRARY = `
${DEADMAN_STATE}
drover_deadman_at() {
  if ! deadman_find || [ "$deadman_run" != "\${1:-\${DROVER_RUN_DIR##*/}}" ]; then drover_say 'no guard of this run is armed here'; return 97; fi
  if ! deadman_lock 8; then drover_say 'the guard is at work this very moment'; return 75; fi
  deadman_here
  deadman_recall
}
drover_deadman_end() {
  deadman_note off "$deadman_boot" "$deadman_up" "$1"
  drover_code=$?
  deadman_unlock
  if [ "$drover_code" != 0 ]; then drover_say 'could not write that the guard is disarmed'; return 1; fi
  systemctl stop "$DEADMAN_UNIT"
  deadman_tidy
}
drover_deadman_confirm() {
  if ! { deadman_find && [ "$deadman_run" = "\${DROVER_RUN_DIR##*/}" ]; }; then
    deadman_dir=$DROVER_RUN_DIR/deadman/$1
    if [ -e "$deadman_dir/state" ] && deadman_recall && [ "$deadman_place $deadman_last" = 'off confirmed' ]; then return 0; fi
  fi
  drover_deadman_at || return
  # one that was cut off behind its word is ended now
  if [ "$deadman_place $deadman_last" = 'off confirmed' ]; then drover_deadman_end confirmed; return; fi
  if [ "$deadman_place" != new ] || [ "$deadman_on" != "$deadman_boot" ]; then
    deadman_unlock
    if [ "$deadman_place" = old ]; then drover_say "the guard has gone back: $deadman_last"; return 98; fi
    drover_say 'the guard has not seen the move yet'
    return 75
  fi
  drover_deadman_end confirmed
}
drover_deadman_disarm() {
  if [ -n "\${1-}" ] && ! { deadman_find && [ "$deadman_run" = "$1" ]; }; then return 0; fi
  drover_deadman_at "$@" || return
  drover_deadman_end disarmed
}
drover_deadman_reached() {
  drover_deadman_at || return
  drover_code=0
  case $deadman_place$deadman_last in old*', reached') ;; old*) deadman_last="$deadman_last, reached" ;; esac
  if [ "$deadman_place" != before ]; then deadman_note "$deadman_place" "$deadman_boot" "$deadman_up" "\${deadman_last:--}" || drover_code=1; fi
  deadman_unlock
  return "$drover_code"
}
drover_deadman_status() {
  if ! deadman_find || ! [ -e "$deadman_dir/state" ]; then printf 'absent\\n'; return 0; fi
  deadman_recall
  printf 'armed %s %s %s %s %s %s %s\\n' "$deadman_run" "$deadman_name" "$deadman_place" "$deadman_armed" "$deadman_restarted" "$deadman_reverts" "$deadman_last"
}
`;
