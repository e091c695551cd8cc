#!/bin/sh
# What the container runs: without arguments, or with flags only, a server with the image's configuration;
# otherwise `diskdb` with the arguments (a config file of your own, check, repair, wal dump). `exec`, so that
# the server is process 1 and gets the signals of `docker stop`.
set -e

case "${1:-}" in
  '' | -*) set -- /etc/diskdb/diskdb.conf "$@" ;;
  diskdb) shift ;;
esac

exec node /app/bin/diskdb.js "$@"
