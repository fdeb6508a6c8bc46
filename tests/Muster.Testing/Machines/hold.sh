#!/bin/bash
# Holds a file system in a mount namespace of its own until standard input ends, which it does however the starting
# process ends. Then everything still running in that namespace is killed and, if asked, the folder removed.
#
#   hold.sh machine FOLDER keep|remove ROOT    a Debian root, shared and never written, with FOLDER's changes over it
#   hold.sh copied  FOLDER keep|remove ROOT    the same, copied to an ext4 of its own, as on a real disk
#   hold.sh disk    FOLDER keep|remove MIB     an empty ext4 of that size
set -eu
# A signal to the whole group, such as Ctrl-C at a terminal, reaches us too; who started us decides, and we clean up then.
trap '' INT TERM HUP

if [ "${1}" != inside ]; then
  folder=$2
  status=0
  unshare --mount --propagation private -- bash "$0" inside "$@" || status=$?
  [ "$3" = keep ] || rm -rf --one-file-system -- "$folder"
  exit $status
fi
shift

# Waits for the end of input, then kills what was started here: it shares this mount namespace.
hold() {
  echo "ready $$"
  while read -r _; do :; done
  local process left=1
  while [ $left = 1 ]; do
    left=0
    for process in /proc/[0-9]*; do
      [ "${process#/proc/}" = $$ ] && continue
      if [ "$process/ns/mnt" -ef /proc/self/ns/mnt ]; then kill -9 "${process#/proc/}" 2>/dev/null && left=1; fi
    done
  done
  exit 0
}

disk() {
  local folder=$1 mebibytes=$2
  mkdir -p "$folder/root"
  truncate -s "${mebibytes}M" "$folder/disk.img"
  mkfs.ext4 -q -F -m 0 -O ^has_journal "$folder/disk.img"
  mount -o loop "$folder/disk.img" "$folder/root"
  rmdir "$folder/root/lost+found"
  hold
}

copied() {
  local folder=$1 root=$2
  mkdir -p "$folder/root"
  truncate -s "$(($(du -sm --one-file-system "$root" | cut -f1) * 3 + 512))M" "$folder/disk.img"
  mkfs.ext4 -q -F -m 0 "$folder/disk.img"
  mount -o loop "$folder/disk.img" "$folder/root"
  cp -a "$root/." "$folder/root"
  sync -f "$folder/root"
  enter "$folder/root"
}

machine() {
  local folder=$1 root=$2
  mkdir -p "$folder/changes" "$folder/work" "$folder/root"
  # Without index and nfs_export fanotify marks are refused, without redirect_dir directories cannot be exchanged.
  mount -t overlay muster-machine -o "lowerdir=$root,upperdir=$folder/changes,workdir=$folder/work,index=on,nfs_export=on,redirect_dir=on" "$folder/root"
  enter "$folder/root"
}

# As on a machine that has booted.
enter() {
  cd "$1"
  mount -t proc proc proc
  mount --bind /sys sys && mount -o remount,bind,ro sys
  mount -t tmpfs -o mode=755 dev dev
  local device
  for device in null zero full random urandom tty; do cp -a "/dev/$device" dev/; done
  ln -s /proc/self/fd dev/fd
  mkdir dev/pts dev/shm
  mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
  ln -s pts/ptmx dev/ptmx
  mount -t tmpfs -o mode=755 run run
  mkdir -m 700 run/host
  pivot_root . run/host
  umount -l /run/host
  rmdir /run/host
  cd /
  hold
}

kind=$1 folder=$2 what=$4
"$kind" "$folder" "$what"
