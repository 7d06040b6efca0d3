/**
 * The world around the guard's script, as shell functions in the same shell, so that hours pass in seconds: a link on which some addresses
 * answer, NetworkManager, the kernel's addresses, systemd, and a clock that moves when the script sleeps or asks the link.
 *
 * `world_write` counts what touches the disk, and cuts the power before the write of a number. A rename of what was not synced is reported.
 */
export const STAND_INS = `
W=$DROVER_ROOT/world
mkdir -p "$W"
world_n=0 world_synced=' '
world_log() { deadman_line_of "$DROVER_ROOT/proc/uptime"; printf '%s %s\\n' "\${deadman_read%%.*}" "$*" >>"$W/log"; }
world_write() {
  world_n=$((world_n + 1))
  printf %s "$world_n" >"$W/writes"
  if [ "$world_n" = "$world_cut" ]; then kill -9 $$; fi
}
world_pass() {
  read -r world_up world_idle <"$DROVER_ROOT/proc/uptime"
  world_up=$((\${world_up%%.*} + $1))
  printf '%s.00 0.00\\n' "$world_up" >"$DROVER_ROOT/proc/uptime"
  world_at "$world_up"
  if [ "$world_up" -ge "$world_end" ]; then exit 78; fi
}
world_configured() {
  world_address=
  while read -r world_line; do
    case $world_line in
      address1=*) world_address=\${world_line#address1=} world_address=\${world_address%%,*} ;;
      IPADDR=*) world_address=\${world_line#IPADDR=}/24 ;;
    esac
  done <"$DROVER_ROOT$world_file"
}
world_begin() {
  world_at 0
  if [ "\${1-}" = again ]; then return 0; fi
  world_configured
  printf '%s\\n' "$world_address" >"$W/live"
}

sleep() { world_pass "$1"; }
deadman_bound() { shift; "$@"; }
flock() { return 0; }
ip() {
  case $* in
    *'address replace'*) world_log "ip address $4"; printf '%s\\n' "$4" >>"$W/live" ;;
    *) world_log "ip $*" ;;
  esac
}
ping() { return 1; }
deadman_arp() {
  world_asked=$1
  case $world_answering in *" $1 "*) deadman_answer="Unicast reply from $1 [00:50:56:00:00:01]  0.7ms" ;; *) deadman_answer='Received 0 response(s)' ;; esac
}
deadman_addresses() {
  deadman_answer=
  while read -r world_line; do deadman_answer="$deadman_answer ens192    inet $world_line brd 10.77.1.255"; done <"$W/live"
}
nmcli() {
  if [ "$2" = reload ]; then return 0; fi
  world_write
  world_configured
  world_log "up $world_address"
  printf '%s\\n' "$world_address" >"$W/live"
}
systemctl() {
  case $1 in
    reboot) world_log reboot; exit 77 ;;
    is-active) return 3 ;;
    *) world_log "systemctl $*" ;;
  esac
}
sync() {
  world_write
  for world_last; do world_synced="$world_synced$world_last "; done
}
mv() {
  world_write
  if [ "$1" = -f ]; then shift; fi
  for world_last in "$1" "$1"/*; do
    if [ ! -f "$world_last" ]; then continue; fi
    case $world_synced in *" $world_last "*) ;; *) world_log "UNSYNCED $world_last" ;; esac
  done
  command mv -f "$1" "$2"
}
rm() { world_write; command rm "$@"; }
`;
