/**
 * The part of the guard that acts: POSIX sh.
 *
 * Whatever it decides to do about its place is written down before it is done, and only if nobody (drover confirms, or
 * arms again) has written meanwhile; a switch that was cut off is finished when the guard next starts. Where the disk has no room for it, or
 * NetworkManager does not do it, the kernel is told directly.
 */
export const DEADMAN_DEEDS = `
deadman_each() {
  deadman_failed=
  while read -r deadman_path; do
    "$@" "$deadman_path" || deadman_failed=1
  done <"$deadman_dir/paths"
  [ -z "$deadman_failed" ]
}
deadman_differs() {
  drover_slot "$1" && deadman_line_of "$drover_slot/state" || return 1
  [ "$(drover_file "$1")" != "$deadman_read" ]
}
deadman_put_back() {
  if deadman_differs "$1"; then
    deadman_any=1
    drover_restore "$1" || { rm -f "$deadman_dir/reserve" "$DEADMAN_RESERVE"; drover_restore "$1"; }
  fi
}
deadman_restore() {
  deadman_any=
  DROVER_RUN_DIR=$deadman_dir/$deadman_place
  deadman_each deadman_put_back
}
deadman_keep_new() {
  if [ -e "$deadman_dir/new/done" ]; then return 0; fi
  deadman_take_new && return 0
  rm -f "$deadman_dir/reserve" "$DEADMAN_RESERVE"
  deadman_take_new
}
deadman_take_new() {
  rm -rf "$deadman_dir/new"
  DROVER_RUN_DIR=$deadman_dir/new
  ( umask 077; mkdir -p "$deadman_dir/new/files" ) && deadman_each drover_keep && deadman_store "$deadman_dir/new/done" kept
}
deadman_wished() {
  case $deadman_place in
    old) deadman_address=$deadman_old_address deadman_via=$deadman_old_gateway ;;
    *) deadman_address=$deadman_new_address deadman_via=$deadman_new_gateway ;;
  esac
}
deadman_direct() {
  drover_say "brings $deadman_place up without NetworkManager"
  ip link set dev "$deadman_device" up
  if [ "$deadman_address" != - ]; then ip -4 address replace "$deadman_address" dev "$deadman_device"; fi
  if [ "$deadman_via" != - ]; then ip -4 route replace default via "$deadman_via" dev "$deadman_device"; fi
}
deadman_settle() {
  if [ -n "$deadman_unsaved" ]; then
    if [ "$deadman_place" = old ] && ! deadman_keep_new; then return 1; fi
    deadman_note "$deadman_place" "$deadman_on" "$deadman_since" "\${deadman_last:--}" || return 1
  fi
  deadman_restore
}
deadman_bring_up() {
  deadman_tried=$deadman_up
  deadman_wished
  if [ -n "$deadman_stuck" ] && deadman_lock 5; then
    if deadman_settle; then deadman_stuck=''; fi
    deadman_unlock
  fi
  if [ -z "$deadman_stuck" ] && deadman_bound 30 nmcli connection reload &&
    deadman_bound 60 nmcli -w 45 connection up uuid "$deadman_connection"; then return 0; fi
  deadman_direct
}
deadman_switch() {
  deadman_lock 5 || return 0
  deadman_was=$deadman_state
  deadman_recall
  if [ "$deadman_state" != "$deadman_was" ]; then deadman_unlock; return 0; fi
  # without its copies there is nothing to go to
  if [ "$1" = new ] && [ -z "$deadman_unsaved" ] && [ ! -e "$deadman_dir/new/done" ]; then deadman_unlock; return 0; fi
  if [ "$1" = old ]; then deadman_reverts=$((deadman_reverts + 1)); fi
  if [ "$1" = new ] || deadman_keep_new; then deadman_note "$1" "$deadman_boot" "$deadman_up" "$deadman_why"
  else deadman_imagine "$1" "$deadman_boot" "$deadman_up" "$deadman_why"
  fi
  deadman_turned=1 deadman_stuck=''
  if ! deadman_settle; then
    deadman_stuck=1
    drover_say "could not write what belongs to $1: is the disk full?"
  fi
  deadman_unlock
  deadman_bring_up
}
deadman_judge() {
  deadman_turned=0 deadman_gone=''
  deadman_lock 5 || return 0
  deadman_was=$deadman_state
  deadman_recall
  if [ "$deadman_state" = "$deadman_was" ]; then deadman_note "$1" "$deadman_boot" "$deadman_up" "$deadman_why"; fi
  deadman_unlock
}
deadman_restart() {
  deadman_lock 5 || return 0
  deadman_was=$deadman_state
  deadman_recall
  deadman_sent=
  if [ "$deadman_state" = "$deadman_was" ]; then
    deadman_restarted=yes
    if deadman_note before "$deadman_boot" "$deadman_up" "$deadman_why"; then deadman_sent=1; fi
  fi
  deadman_unlock
  if [ -n "$deadman_sent" ]; then sync; systemctl reboot; fi
}
deadman_hold() {
  deadman_look_live
  if [ "$deadman_live$deadman_stuck" = "$deadman_place" ] || [ $((deadman_up - deadman_tried)) -lt 30 ]; then return 0; fi
  deadman_bring_up
}
deadman_new_boot() {
  deadman_turned=0
  deadman_lock 5 || return 0
  deadman_recall
  case $deadman_place in
    off | before) ;;
    *) deadman_note "$deadman_place" "$deadman_boot" "$deadman_up" "\${deadman_last:--}" ;;
  esac
  deadman_unlock
}
deadman_repair() {
  deadman_lock 5 || return 0
  deadman_recall
  deadman_any=
  if [ "$deadman_place" = old ] || { [ "$deadman_place" = new ] && [ -e "$deadman_dir/new/done" ]; }; then deadman_restore; fi
  deadman_unlock
  if [ -n "$deadman_any" ]; then deadman_bring_up; fi
}
deadman_act() {
  deadman_choose unasked
  if [ "$deadman_do" = ask ]; then
    case $deadman_place in new) deadman_ask=\${deadman_old_address%/*} ;; *) deadman_ask=\${deadman_new_address%/*} ;; esac
    if deadman_heard "$deadman_ask"; then deadman_choose taken; else deadman_choose free; fi
  fi
  if [ "$deadman_do $deadman_why" != "$deadman_said" ]; then
    deadman_said="$deadman_do $deadman_why"
    drover_say "$deadman_place, $deadman_do: $deadman_why"
  fi
  case $deadman_do in
    hold) deadman_hold ;;
    judge) deadman_judge new ;;
    restart) deadman_restart ;;
    old | new) deadman_switch "$deadman_do" ;;
  esac
}
deadman_load() {
  read -r deadman_connection deadman_device deadman_old_address deadman_old_gateway deadman_new_address deadman_new_gateway \\
    deadman_wait deadman_moved deadman_stay deadman_turn deadman_file <"$deadman_dir/move"
}
deadman_turn_once() {
  deadman_find && [ "$deadman_run" = "$1" ] || return 1
  deadman_load || return 0
  deadman_here
  deadman_recall
  if [ "$deadman_place" = off ]; then deadman_tidy; return 1; fi
  if [ "$deadman_place" != before ] && [ "$deadman_on" != "$deadman_boot" ]; then deadman_new_boot; return 0; fi
  deadman_reboot=open
  if [ "$deadman_restarted" = yes ]; then deadman_reboot='done'; fi
  deadman_see
  deadman_act
  # whatever came of it, the next look is due
  return 0
}
deadman_main() {
  deadman_gone='' deadman_said='' deadman_turned=0 deadman_tried=-60 deadman_stuck=''
  deadman_arping_kind
  if deadman_find && [ "$deadman_run" = "$1" ] && deadman_load; then deadman_here; deadman_repair; fi
  while deadman_turn_once "$1"; do
    deadman_tick=$((deadman_wait / 20))
    if [ "$deadman_tick" -gt 5 ]; then deadman_tick=5; elif [ "$deadman_tick" -lt 1 ]; then deadman_tick=1; fi
    sleep "$deadman_tick"
  done
}
`;
