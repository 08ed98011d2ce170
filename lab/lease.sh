#!/bin/sh
# What udhcpc does with a lease: the address and the way out, of its own namespace only.
case $1 in
  deconfig) ip address flush dev "$interface" scope global ;;
  bound | renew)
    ip address replace "$ip/$mask" dev "$interface"
    [ -z "$router" ] || ip route replace default via "${router%% *}" dev "$interface"
    ;;
esac
