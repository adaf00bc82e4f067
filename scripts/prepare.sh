#!/bin/sh
# Writes .sqlx anew: every checked query against a throw-away database that has just been migrated.
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
dir=$(mktemp -d)
if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; as() { su postgres -s /bin/sh -c "$1"; }; else as() { sh -c "$1"; }; fi
chmod 755 "$dir"
stop() {
  as "$bin/pg_ctl stop -s -m immediate -D $dir/data" || true
  rm -rf "$dir"
}
trap stop EXIT
as "$bin/initdb -U waymark_super -A trust -E UTF8 --locale=C.UTF-8 -D $dir/data" >/dev/null
as "$bin/pg_ctl start -s -w -l $dir/log -D $dir/data -o '-k $dir -c listen_addresses= -c fsync=off'"
run() { "$bin/psql" -Xq -v ON_ERROR_STOP=1 -h "$dir" -U "$@" >/dev/null; }
run waymark_super postgres -c "create role waymark_owner login; create role waymark_web login noinherit"
run waymark_super postgres -c "create database waymark owner waymark_owner"
run waymark_super waymark -c "revoke execute on function pg_catalog.set_config(text, text, boolean) from public;
  grant execute on function pg_catalog.set_config(text, text, boolean) to waymark_owner;
  create extension btree_gist; create extension pg_trgm"
for migration in migrations/*.sql; do run waymark_owner waymark -f "$migration"; done
rm -rf .sqlx
mkdir .sqlx
find src -name '*.rs' -exec touch {} +
SQLX_OFFLINE=false DATABASE_URL="postgres:///waymark?host=$dir&user=waymark_owner" SQLX_OFFLINE_DIR="$PWD/.sqlx" cargo check
echo "$(ls .sqlx | wc -l) queries prepared."
