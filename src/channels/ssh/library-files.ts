/**
 * The part of the node library that looks at files and changes them: POSIX sh, sent with every script.
 *
 * A snapshot is a folder `files/<sha256 of the path>` in the run's folder with `path`, `state` (what drover_file prints) and `bytes`; it
 * appears by one rename, so it is there whole or not at all. A file is replaced by rename(2) over a synced temporary file beside it. The
 * temporary name begins with a dot and has no suffix, so that no folder of drop-ins (sysctl.d, system-connections) ever reads it.
 * sync(1) takes files since coreutils 8.24; older ones (EL7) ignore the argument and sync everything, which is as good.
 */
export const FILES_LIBRARY = `
drover_selinux() { [ -e "$DROVER_ROOT/sys/fs/selinux/enforce" ]; }
drover_sum() { drover_sum=$(sha256sum) && drover_sum=\${drover_sum%% *}; }
drover_describe() {
  if [ -L "$1" ]; then printf 'other symlink\\n'; return 0; fi
  if [ ! -e "$1" ]; then printf 'absent\\n'; return 0; fi
  if [ -d "$1" ]; then printf 'other directory\\n'; return 0; fi
  if [ ! -f "$1" ]; then printf 'other special\\n'; return 0; fi
  drover_sum <"$1" || return 1
  drover_stat=$(stat -c %a:%u:%g:%U:%G "$1") || return 1
  drover_mode=\${drover_stat%%:*} drover_stat=\${drover_stat#*:}
  drover_uid=\${drover_stat%%:*} drover_stat=\${drover_stat#*:}
  drover_gid=\${drover_stat%%:*} drover_stat=\${drover_stat#*:}
  drover_owner=\${drover_stat%%:*} drover_group=\${drover_stat#*:}
  case $drover_owner in UNKNOWN | '' | *[!A-Za-z0-9_.@+-]*) drover_owner=$drover_uid ;; esac
  case $drover_group in UNKNOWN | '' | *[!A-Za-z0-9_.@+-]*) drover_group=$drover_gid ;; esac
  drover_label=-
  if drover_selinux; then drover_label=$(stat -c %C "$1" 2>/dev/null) || drover_label=-; fi
  printf 'file %04d %s %s %s %s\\n' "$drover_mode" "$drover_owner" "$drover_group" "$drover_sum" "$drover_label"
}
drover_file() { drover_describe "$DROVER_ROOT$1"; }

drover_slot() {
  if [ -z "$DROVER_RUN_DIR" ]; then drover_say 'no run is known here, so nothing can be kept or put back'; return 1; fi
  case $1 in /*[!/]) ;; *) drover_say "$1 is not the absolute path of a file"; return 1 ;; esac
  drover_slot=$(printf %s "$1" | sha256sum) && drover_slot=$DROVER_RUN_DIR/files/\${drover_slot%% *}
}
drover_keep() {
  drover_slot "$1" || return 1
  if [ -d "$drover_slot" ]; then return 0; fi
  drover_state=$(drover_describe "$DROVER_ROOT$1") || return 1
  case $drover_state in
    other*) drover_say "$1 is no plain file but a \${drover_state#other }; name the file itself"; return 1 ;;
  esac
  if [ -e "$drover_slot.new" ]; then rm -rf "$drover_slot.new"; fi
  if ! drover_fill "$1"; then
    rm -rf "$drover_slot.new"
    drover_say "could not keep a copy of $1 (see above); nothing was changed"
    return 1
  fi
}
drover_fill() {
  ( umask 077
    mkdir -p "$drover_slot.new" && printf '%s\\n' "$1" >"$drover_slot.new/path" && printf '%s\\n' "$drover_state" >"$drover_slot.new/state" ) || return 1
  if [ "$drover_state" != absent ]; then
    ( umask 077; cat "$DROVER_ROOT$1" >"$drover_slot.new/bytes" ) && drover_sum <"$drover_slot.new/bytes" || return 1
    case $drover_state in *" $drover_sum "*) ;; *) drover_say "$1 changed while it was copied"; return 1 ;; esac
  fi
  sync "$drover_slot.new"/* "$drover_slot.new" 2>/dev/null && mv "$drover_slot.new" "$drover_slot" &&
    sync "$DROVER_RUN_DIR/files" "$DROVER_RUN_DIR" "$DROVER_HOME" 2>/dev/null
}
drover_snapshot() {
  for drover_path in "$@"; do drover_keep "$drover_path" || return 1; done
}

drover_put() {
  drover_to=$DROVER_ROOT$1
  drover_dir=\${drover_to%/*}
  if [ -L "$drover_to" ] || { [ -e "$drover_to" ] && [ ! -f "$drover_to" ]; }; then
    drover_say "$1 is no plain file; it was left as it is"
    return 1
  fi
  [ -d "$drover_dir/" ] || ( umask 022; mkdir -p "$drover_dir/" ) || return 1
  for drover_left in "$drover_dir"/.drover.??????; do
    if [ -e "$drover_left" ]; then rm -f "$drover_left"; fi
  done
  drover_new=$(mktemp "$drover_dir/.drover.XXXXXX") || return 1
  if cat >"$drover_new" && chown "$3" "$drover_new" && chmod "$2" "$drover_new" && drover_relabel "$4" "$1" &&
    sync "$drover_new" 2>/dev/null && mv -f "$drover_new" "$drover_to"; then
    if [ "$4" = - ] && drover_selinux; then restorecon "$drover_to"; fi
    sync "$drover_dir/" 2>/dev/null
  else
    rm -f "$drover_new"
    drover_say "could not write $1 (see above); what was there is as it was"
    return 1
  fi
}
drover_relabel() {
  drover_selinux || return 0
  drover_label=$1
  if [ "$drover_label" = - ]; then drover_label=$(matchpathcon -n "$2" 2>/dev/null) || return 0; fi
  chcon "$drover_label" "$drover_new"
}
drover_write() { drover_snapshot "$1" && drover_put "$1" "$2" "$3" -; }
drover_restore() {
  drover_slot "$1" || return 97
  if [ ! -d "$drover_slot" ]; then drover_say "run \${DROVER_RUN_DIR##*/} keeps no copy of $1, so it cannot be put back"; return 97; fi
  read -r drover_kind drover_mode drover_owner drover_group drover_was drover_label <"$drover_slot/state" || return 1
  if [ "$drover_kind" = absent ]; then
    if [ -e "$DROVER_ROOT$1" ] || [ -L "$DROVER_ROOT$1" ]; then
      drover_to=$DROVER_ROOT$1
      rm -f "$drover_to" && sync "\${drover_to%/*}/" 2>/dev/null
    fi
    return
  fi
  drover_sum <"$drover_slot/bytes" || return 1
  if [ "$drover_sum" != "$drover_was" ]; then drover_say "the copy of $1 is damaged: $drover_sum instead of $drover_was"; return 1; fi
  drover_put "$1" "$drover_mode" "$drover_owner:$drover_group" "$drover_label" <"$drover_slot/bytes"
}

drover_snapshots() {
  if [ $# -gt 0 ]; then DROVER_RUN_DIR=$DROVER_HOME/$1; fi
  for drover_slot in "$DROVER_RUN_DIR"/files/*; do
    if [ ! -f "$drover_slot/state" ]; then continue; fi
    read -r drover_path <"$drover_slot/path"
    read -r drover_kind drover_mode drover_owner drover_group drover_was drover_label <"$drover_slot/state"
    printf '%s %s %s\\n' "$drover_path" "$drover_kind" "\${drover_was:--}"
  done
}
drover_forget() {
  case $1 in
    '' | .* | */* | armed* | fence* | intent* | lock | running* | stopped | unit | unit.new) drover_say "$1 is not the name of a run"; return 1 ;;
  esac
  drover_armed=
  { read -r drover_armed <"$DROVER_HOME/armed"; } 2>/dev/null
  if [ "\${drover_armed%% *}" = "$1" ]; then drover_say "the guard of run $1 is armed here; it goes when the run ends"; return 1; fi
  rm -rf "\${DROVER_HOME:?}/$1"
}
`;
