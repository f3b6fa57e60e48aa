#!/bin/sh
# InfluxDB's image runs this once, when it sets up an empty volume, with the operator's token at hand; if it fails, the image removes
# what it had made and the next start begins anew. Makes what Telemetry's series stand in, and who may read and write there.
set -eu

# The list below is read from standard input, which no command must take.
influx() { command influx "$@" </dev/null; }

base=$DOCKER_INFLUXDB_INIT_BUCKET
org=$DOCKER_INFLUXDB_INIT_ORG

id_of() { influx bucket list --org "$org" --name "$1" --hide-headers | cut -f 1; }

# name, retention policy that InfluxQL knows it by, how long it keeps
all=''
while read -r name policy keep; do
  # The image has made the first one.
  [ "$name" = "$base" ] || influx bucket create --org "$org" --name "$name" --retention "$keep" >/dev/null
  id=$(id_of "$name")
  default=''
  [ "$name" != "$base" ] || default=--default
  influx v1 dbrp create --org "$org" --bucket-id "$id" --db "$base" --rp "$policy" $default >/dev/null
  all="$all $id"
done <<BUCKETS
$base autogen $DOCKER_INFLUXDB_INIT_RETENTION
${base}_1m 1m 365d
${base}_1h 1h 3650d
${base}_alarms alarms 3650d
BUCKETS

read_all='' write_all=''
for id in $all; do
  read_all="$read_all --read-bucket $id"
  write_all="$write_all --write-bucket $id"
done

# Grafana reads, and nothing else.
# shellcheck disable=SC2086
influx v1 auth create --org "$org" --username grafana --password "$(cat "${TELEMETRY_GRAFANA_PASSWORD_FILE:?}")" $read_all >/dev/null

# The service reads and writes these buckets, and nothing else. InfluxDB chooses the token itself; the service finds it in a volume that
# the two share.
# shellcheck disable=SC2086
token=$(influx auth create --org "$org" --user "$DOCKER_INFLUXDB_INIT_USERNAME" --description telemetry --json $read_all $write_all | sed -n 's/.*"token": *"\([^"]*\)".*/\1/p')
[ -n "$token" ] || { echo "influxdb-init: no token in what 'influx auth create --json' says" >&2; exit 1; }
umask 0137
printf '%s\n' "$token" > "${TELEMETRY_TOKEN_FILE:?}"
