import { DEADMAN_SCRIPT } from './deadman-script.ts';

/**
 * The part of the node library that arms the guard of an address move: POSIX sh, sent only where a text calls it, with what asks and disarms it.
 *
 * Arming takes the copies of what will change first, and once: those that the run has taken already are what was there before it. The guard
 * is in force when `armed` names it and its unit runs; until then nothing may be changed. Arming again puts it back to before the move, on the
 * boot that runs, whatever it was doing.
 */
export const ARM_LIBRARY = `
drover_deadman_paths() {
  for drover_path in "$@"; do
    printf '%s\\n' "$drover_path"
    case $drover_path in
      */network-scripts/ifcfg-*)
        drover_name=\${drover_path##*/ifcfg-} drover_dir=\${drover_path%/*}
        printf '%s\\n' "$drover_dir/keys-$drover_name" "$drover_dir/route-$drover_name" "$drover_dir/route6-$drover_name" \\
          "$drover_dir/rule-$drover_name" "$drover_dir/rule6-$drover_name" "/etc/NetworkManager/system-connections/$drover_name.nmconnection"
        ;;
    esac
  done
}
drover_deadman_copy() {
  drover_slot "$1" || return 1
  drover_from=$drover_slot DROVER_RUN_DIR=$deadman_dir/old
  drover_slot "$1"
  if [ "$drover_source" = run ] && [ -d "$drover_from" ] && [ ! -d "$drover_slot" ]; then
    rm -rf "$drover_slot.new"
    cp -a "$drover_from" "$drover_slot.new" && sync "$drover_slot.new"/* "$drover_slot.new" 2>/dev/null && mv "$drover_slot.new" "$drover_slot"
  else
    drover_keep "$1"
  fi
  drover_code=$?
  DROVER_RUN_DIR=$drover_run_dir
  return "$drover_code"
}
drover_deadman_lay() {
  deadman_units
  for drover_each in "$deadman_dir/reserve" "$DEADMAN_RESERVE"; do
    ( umask 077; dd if=/dev/zero of="$drover_each" bs=16384 count=4 2>/dev/null ) || return 1
  done
  ( umask 077; drover_deadman_script >"$drover_run_dir/deadman/guard.new" ) && sync "$drover_run_dir/deadman/guard.new" &&
    mv -f "$drover_run_dir/deadman/guard.new" "$drover_run_dir/deadman/guard" && sync "$drover_run_dir/deadman" "$drover_run_dir" &&
    deadman_write "$deadman_dir/paths" "$(drover_deadman_paths "$@")" && deadman_write "$deadman_dir/move" "$drover_move" || return 1
  deadman_here
  deadman_armed=$deadman_boot deadman_restarted=no
  deadman_recall_reverts
  deadman_write "$deadman_dir/state" "before $deadman_boot $deadman_up $deadman_boot no $deadman_reverts armed" &&
    rm -rf "$deadman_dir/new/done" "$deadman_dir/new" && sync "$deadman_dir" 2>/dev/null && deadman_write "$DROVER_HOME/armed" "\${drover_run_dir##*/} $deadman_name"
}
deadman_recall_reverts() {
  deadman_reverts=0
  if [ -e "$deadman_dir/state" ]; then deadman_recall; fi
  case $deadman_reverts in '' | *[!0-9]*) deadman_reverts=0 ;; esac
}
drover_deadman_start() {
  mkdir -p "$deadman_wants" || return 1
  printf '%s\\n' '[Unit]' "Description=drover: takes the address move of run \${drover_run_dir##*/} back unless it is confirmed" \\
    'After=NetworkManager.service' 'StartLimitIntervalSec=0' "ConditionPathExists=$DROVER_HOME/armed" '[Service]' 'Type=simple' \\
    "ExecStart=/bin/sh $drover_run_dir/deadman/guard \${drover_run_dir##*/}" 'Restart=on-failure' 'RestartSec=2' 'OOMScoreAdjust=-900' \\
    '[Install]' 'WantedBy=multi-user.target' | drover_put "/etc/systemd/system/$DEADMAN_UNIT" 0644 0:0 - || return 1
  [ -L "$deadman_wants/$DEADMAN_UNIT" ] || ln -s "../$DEADMAN_UNIT" "$deadman_wants/$DEADMAN_UNIT" || return 1
  sync "$deadman_wants" "\${deadman_wants%/*}" && systemctl daemon-reload && systemctl start "$DEADMAN_UNIT" && systemctl is-active -q "$DEADMAN_UNIT"
}
drover_deadman_arm() {
  drover_run_dir=$DROVER_RUN_DIR deadman_name=$1 drover_source=\${12}
  drover_move="$2 $3 $4 $5 $6 $7 $8 $9 \${10} \${11} \${13}"
  if [ -z "$drover_run_dir" ]; then drover_say 'no run is known here, so nothing can be guarded'; return 1; fi
  case $deadman_name in '' | .* | *[!A-Za-z0-9_.-]*) drover_say "$deadman_name is not the name of a move"; return 1 ;; esac
  if [ ! -d "$DROVER_ROOT/run/systemd/system" ]; then drover_say 'systemd is not at work here, so no guard can be set'; return 1; fi
  for drover_tool in nmcli ip timeout; do
    command -v "$drover_tool" >/dev/null || { drover_say "$drover_tool(1) is missing on the node, so no guard can be set"; return 1; }
  done
  if deadman_find && [ "$deadman_run" != "\${drover_run_dir##*/}" ]; then
    drover_say "the guard of run $deadman_run is still armed here; finish that run first, or end it by hand, on the node: rm /var/lib/drover/armed"
    return 1
  fi
  if [ "$3" = - ]; then
    drover_device=$(LC_ALL=C nmcli -g GENERAL.DEVICES connection show "$2")
    case $drover_device in '' | *[!A-Za-z0-9_.-]*) drover_say "the connection $2 is not up on one device, so it cannot be guarded"; return 1 ;; esac
    drover_move="$2 $drover_device \${drover_move#"$2 - "}"
  fi
  deadman_name=$1 deadman_dir=$drover_run_dir/deadman/$1
  shift 12
  ( umask 077; mkdir -p "$deadman_dir/old/files" ) || return 1
  if ! deadman_lock 8; then drover_say 'the guard is at work this very moment'; return 75; fi
  drover_deadman_paths "$@" >"$deadman_dir/paths.all" && drover_deadman_copies <"$deadman_dir/paths.all" && drover_deadman_lay "$@"
  drover_code=$?
  deadman_unlock
  rm -f "$deadman_dir/paths.all"
  if [ "$drover_code" != 0 ] || ! drover_deadman_start; then drover_say 'the guard could not be set (see above); nothing was changed'; return 1; fi
}
drover_deadman_copies() {
  while read -r drover_each; do drover_deadman_copy "$drover_each" || return 1; done
}
drover_deadman_script() {
  cat <<'DROVER_END'
${DEADMAN_SCRIPT}DROVER_END
}
`;
