#!/bin/sh
# Writes .sqlx anew: every checked query against a database that has just been migrated. Needs no other tool:
# a throw-away data directory, our own binary built from what .sqlx knows so far.
set -eu
: "${DATABASE_URL:?set DATABASE_URL to an empty, migrated database to check the queries against}"
rm -rf .sqlx
mkdir .sqlx
find src -name '*.rs' -exec touch {} +
SQLX_OFFLINE_DIR="$PWD/.sqlx" cargo check
