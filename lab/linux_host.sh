#!/bin/sh
# ROOT NAME SALT MARKER PACKAGES FOLDER...: turns ROOT into the whole world of a Linux host and runs its ssh server there.
# Started in mount, process, name and network namespaces of its own: nothing of this is seen outside, and all goes with
# the process. SALT: a folder with its packages, or ""; MARKER: where the marker process runs, or ""; FOLDERs are this machine's.
set -eu
root=$1 name=$2 salt=$3 marker=$4 packages=$5
shift 5
hostname "$name"
mount --make-rprivate /
mount --bind "$root" "$root"
bind() { # SOURCE TARGET, read-only
  mount --bind "$1" "$2"
  mount -o remount,bind,ro "$2"
}
cd "$root"
for folder; do
  if [ -d "/$folder" ]; then bind "/$folder" "$folder"; fi
done
# Modules for logging in would each want their package; the ssh server here does without.
modules=usr/lib/x86_64-linux-gnu/security
[ ! -d "$modules" ] || mount -t tmpfs -o mode=755,size=4k modules "$modules"
bind /etc/ld.so.conf.d etc/ld.so.conf.d
bind "$packages/bin" usr/bin
bind "$packages/sbin" usr/sbin
bind "$packages/dpkg" var/lib/dpkg
[ -z "$salt" ] || bind "$salt" opt/salt
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755,size=16m dev dev
for node in null zero full random urandom tty; do
  : >"dev/$node"
  mount --bind "/dev/$node" "dev/$node"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
mount -t tmpfs -o mode=1777,size=64m shm dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
pivot_root . mnt
cd /
umount -l /mnt
exec </dev/null
if [ -n "$marker" ]; then # only sleeps, and ends by itself within the day
  cp /usr/bin/sleep "$marker"
  setpriv --reuid=33 --regid=33 --clear-groups "$marker" 86400 &
fi
if [ -n "$salt" ]; then
  starting="import sys; sys.path.insert(0, '/opt/salt'); sys.argv = ['salt-minion', '--disable-keepalive']
from salt.scripts import salt_minion; salt_minion()"
  /usr/bin/python3.11 -c "$starting" >/var/log/salt-minion.out 2>&1 &
fi
exec /usr/sbin/sshd -D -e -f /etc/ssh/sshd_config
