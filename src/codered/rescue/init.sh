#!/bin/busybox sh
# The first process of the rescue medium. With an approved plan on it, that is carried out and the machine powers off;
# without one there is a shell in which `codered` works. Nothing is written to the machine's disks but what the plan says.
export PATH=/usr/bin:/usr/sbin:/bin:/sbin HOME=/root LANG=C.UTF-8 PYTHONHOME=/usr/python PYTHONPATH=/usr/codered
export CODERED_STATE=/state/codered CODERED_CACHE=/run/codered-cache CODERED_RESCUE=1
/bin/busybox mkdir -p /proc /sys /dev /run /tmp /state /root /mnt
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t tmpfs tmpfs /run
/bin/busybox --install -s /bin
echo 3 >/proc/sys/kernel/printk
for name in $(cat /etc/modules-to-load); do modprobe -q "$name" 2>/dev/null; done
printf '\ncodered rescue: %s\n' "$(cat /etc/codered-version)"
undo=''
case " $(cat /proc/cmdline) " in *' codered.undo '*) undo=--undo ;; esac
# shellcheck disable=SC2086
python3 -I -m codered rescue run $undo
code=$?
sync
case " $(cat /proc/cmdline) " in
  *' codered.stay '*) ;;
  *) [ "$code" = 2 ] || poweroff -f ;;
esac
printf 'codered rescue: a shell; `codered --help` tells what can be done, `poweroff -f` ends it\n'
exec setsid cttyhack sh
