/**
 * The part of the guard that looks: POSIX sh.
 *
 * Answers of arping(8) are told by what it prints, because its exit code means the opposite in its two kinds
 * (iputils and Habets); it asks without an address of its own, so that the gateway of the other place can be heard as well. Without it, the
 * kernel is told that the neighbour is in use, so that it asks; where ip(8) cannot say so yet, a route to that one address and a ping do.
 */
export const DEADMAN_LOOKS = `
deadman_bound() { timeout "$@"; }
deadman_arping_kind() {
  deadman_arping=none
  if command -v arping >/dev/null; then
    case $(deadman_bound 5 arping -h 2>&1) in *Habets*) deadman_arping=habets ;; *) deadman_arping=iputils ;; esac
  fi
}
deadman_arp() {
  case $deadman_arping in
    habets) deadman_answer=$(deadman_bound 6 arping -0 -c 2 -i "$deadman_device" "$1" 2>&1) ;;
    iputils) deadman_answer=$(deadman_bound 6 arping -D -c 2 -w 2 -I "$deadman_device" "$1" 2>&1) ;;
    *) deadman_answer='' ;;
  esac
}
deadman_addresses() { deadman_answer=$(ip -4 -o address show dev "$deadman_device" 2>/dev/null); }
deadman_heard() {
  if [ "$1" = - ]; then return 1; fi
  deadman_arp "$1"
  case $deadman_answer in
    *' reply from '* | *' bytes from '*) return 0 ;;
    *'Received 0'* | *'received 0'* | *' 0 packets received'*) return 1 ;;
  esac
  ip -4 neigh del "$1" dev "$deadman_device" 2>/dev/null
  deadman_routed=
  if ! ip -4 neigh replace "$1" dev "$deadman_device" use 2>/dev/null; then
    if ip -4 route add "$1/32" dev "$deadman_device" 2>/dev/null; then deadman_routed=1; fi
    deadman_bound 3 ping -c 1 -W 1 -I "$deadman_device" "$1" >/dev/null 2>&1
  fi
  sleep 1
  deadman_answer=$(ip -4 neigh show to "$1" dev "$deadman_device" 2>/dev/null)
  if [ -n "$deadman_routed" ]; then ip -4 route del "$1/32" dev "$deadman_device" 2>/dev/null; fi
  case $deadman_answer in *FAILED* | *INCOMPLETE*) return 1 ;; *lladdr*) return 0 ;; esac
  return 1
}
deadman_gateway() { if deadman_heard "$1"; then deadman_there=there; else deadman_there=gone; fi; }
deadman_has() {
  case $1$deadman_old_address in old-) case $deadman_answer in *" inet $deadman_new_address "*) return 1 ;; *' inet '*) return 0 ;; esac ;; esac
  case $1 in old) deadman_one=$deadman_old_address ;; *) deadman_one=$deadman_new_address ;; esac
  case $deadman_answer in *" inet $deadman_one "*) return 0 ;; esac
  return 1
}
deadman_look_live() {
  deadman_addresses
  deadman_live=none
  for deadman_other in old new; do
    if deadman_has "$deadman_other"; then deadman_live=$deadman_other; fi
  done
  if [ "$deadman_place" = old ] && deadman_has old; then deadman_live=old; fi
}
deadman_look_files() {
  deadman_files=changed
  DROVER_RUN_DIR=$deadman_dir/old
  if drover_slot "$deadman_file" && deadman_line_of "$drover_slot/state" && [ "$(drover_file "$deadman_file")" = "$deadman_read" ]; then
    deadman_files=kept
  fi
}
deadman_busy() {
  deadman_line_of "$DROVER_HOME/running"
  case $deadman_read in *" $deadman_boot "*) if [ -d "/proc/\${deadman_read%% *}" ]; then return 0; fi ;; esac
  deadman_line_of "$DROVER_HOME/unit"
  case $deadman_read in *" $deadman_boot "*) systemctl is-active -q "\${deadman_read%% *}.service" ;; *) return 1 ;; esac
}
deadman_clock() {
  deadman_spent=$((deadman_up - $1)) deadman_time=early
  if [ "$deadman_spent" -ge "$2" ]; then deadman_time=due; fi
  if [ "$deadman_spent" -ge "$3" ]; then deadman_time=long; fi
}
deadman_see() {
  deadman_kind=later deadman_files=changed deadman_live=none deadman_old_there=gone deadman_new_there=gone deadman_time=early
  if [ "$deadman_armed" = "$deadman_boot" ]; then deadman_kind=same; fi
  case $deadman_place in
    before)
      deadman_look_files
      deadman_look_live
      if [ "$deadman_files$deadman_kind" != changedsame ]; then return 0; fi
      deadman_gateway "$deadman_old_gateway"
      deadman_old_there=$deadman_there
      if [ "$deadman_there" = there ] || deadman_busy; then deadman_gone=; return 0; fi
      if [ -z "$deadman_gone" ]; then deadman_gone=$deadman_up; fi
      deadman_clock "$deadman_gone" "$deadman_moved" "$deadman_moved"
      ;;
    new)
      if [ "$deadman_turned" = 1 ]; then deadman_clock "$deadman_since" "$deadman_turn" "$deadman_stay"
      else deadman_clock "$deadman_since" "$deadman_wait" "$deadman_stay"
      fi
      if [ "$deadman_time" = early ]; then return 0; fi
      deadman_gateway "$deadman_old_gateway"
      deadman_old_there=$deadman_there
      ;;
    old)
      deadman_clock "$deadman_since" "$deadman_turn" "$deadman_turn"
      if [ "$deadman_time" = early ]; then return 0; fi
      deadman_gateway "$deadman_old_gateway"
      deadman_old_there=$deadman_there
      # where drover has found the node it finds it again, as long as there is a network
      case $deadman_there$deadman_last in there*', reached') deadman_time=early; return 0 ;; esac
      ;;
  esac
  deadman_gateway "$deadman_new_gateway"
  deadman_new_there=$deadman_there
}
deadman_choose() {
  deadman_decide "$deadman_place,$deadman_kind,$deadman_files,$deadman_live,$deadman_old_there,$deadman_new_there,$deadman_time,$deadman_reboot,$1"
}
`;
