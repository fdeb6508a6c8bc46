#!/usr/bin/env bash
# An S3 service: Ceph's object gateway on a private Ceph of one node whose only disk is memory. Nothing of it survives a stop. HTTP on
# loopback PORT, HTTPS on TLS_PORT with the certificate FOLDER/authority.pem; its region is "default". TERM stops it at once.
# Users: muster; stranger, who may do nothing with what is muster's; small, who may keep 1 MiB. Their keys are in S3Server.cs.
#
#   s3.sh FOLDER PORT TLS_PORT MONITOR_PORT
set -eu
folder=$(realpath "$1") port=$2 tls_port=$3 monitor_port=$4
export CEPH_CONF=$folder/ceph.conf CEPH_ARGS= LC_ALL=C.UTF-8
mkdir -p "$folder/mon" "$folder/osd"
cd "$folder"

openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=S3 of a test' -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout tls.key -out authority.pem 2>openssl.log || { cat openssl.log >&2; exit 1; }

# One copy of everything, nobody to authenticate to (so the monitor's clients must not insist on encryption), few placement groups.
cluster=$(cat /proc/sys/kernel/random/uuid)
cat >"$CEPH_CONF" <<CONF
[global]
fsid = $cluster
mon host = v2:127.0.0.1:$monitor_port
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon pg warn min per osd = 0
run dir = $folder
admin socket = $folder/\$name.sock
log file = $folder/\$name.ceph.log
log to stderr = false
crash dir = $folder
[mon]
paxos propose interval = 0.05
paxos min wait = 0.01
mon data = $folder/mon
[osd]
osd data = $folder/osd
osd objectstore = memstore
memstore device bytes = 2147483648
[client]
rgw data = $folder
rgw frontends = beast endpoint=127.0.0.1:$port ssl_endpoint=127.0.0.1:$tls_port ssl_certificate=$folder/authority.pem ssl_private_key=$folder/tls.key tcp_nodelay=1
rgw rados pool pg num min = 1
rgw enable usage log = false
rgw thread pool size = 32
rgw dns name = localhost
CONF

children=()
# In sessions of their own: Ctrl-C at a terminal is for whoever started us.
spawn() { setsid -- "$@" >>"$folder/daemons.log" 2>&1 & children+=($!); }
trap 'kill -TERM "${children[@]}" 2>/dev/null; wait; exit 0' TERM INT
user() { timeout 60 radosgw-admin user create --uid "$1" --display-name "$1" --access-key "$2" --secret-key "$3" >>users.log 2>&1; }

monmaptool --create --clobber --fsid "$cluster" --addv a "[v2:127.0.0.1:$monitor_port]" monmap >mkfs.log
ceph-mon -i a --mkfs --monmap monmap >>mkfs.log 2>&1
spawn ceph-mon -f -i a
disk=$(cat /proc/sys/kernel/random/uuid)
timeout 60 ceph osd new "$disk" >/dev/null
ceph-osd -i 0 --mkfs --osd-uuid "$disk" >>mkfs.log 2>&1
spawn ceph-osd -f -i 0
user muster AMUSTERMUSTERMUSTERM secret-of-muster-0123456789abcdefghijklm
user stranger ASTRANGERSTRANGERSTR secret-of-a-stranger-0123456789abcdefghi
user small ASMALLSMALLSMALLSMAL secret-of-a-small-one-0123456789abcdefgh
timeout 60 radosgw-admin quota set --quota-scope=user --uid small --max-size=1M >>users.log 2>&1
timeout 60 radosgw-admin quota enable --quota-scope=user --uid small >>users.log 2>&1
spawn radosgw -f -n client.gateway
# Any one that ends takes the service with it.
wait -n || true
tail -n 20 daemons.log ./*.ceph.log >&2
kill -TERM "${children[@]}" 2>/dev/null
wait
exit 1
