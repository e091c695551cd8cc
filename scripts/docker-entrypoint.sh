#!/bin/sh
# What the container runs: without arguments, or with flags only, a server with the image's configuration;
# otherwise `diskdb` with the arguments (a config file of your own, check, repair, wal dump). `exec`, so that
# the server is process 1 and gets the signals of `docker stop`.
set -e

case "${1:-}" in
  '' | -*) set -- /etc/diskdb/diskdb.conf "$@" ;;
  diskdb) shift ;;
esac

# The tools look where the image's configuration keeps the data, unless told otherwise.
case "${1:-}" in
  check | repair | wal) export DISKDB_DIR="${DISKDB_DIR:-/data}" ;;
esac

exec node /app/bin/diskdb.js "$@"
