#!/bin/sh
# Installs what is missing: scripts/need.sh postgres node chromium wrk
# Says what it does. Uses apt-get only as root or where sudo asks for no password.
set -eu
missing=""
for need in "$@"; do
  case "$need" in
    postgres) ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql" ;;
    node) command -v npm >/dev/null 2>&1 || missing="$missing nodejs npm" ;;
    chromium) { command -v chromium && command -v chromedriver; } >/dev/null 2>&1 || missing="$missing chromium chromium-driver" ;;
    wrk) command -v wrk >/dev/null 2>&1 || missing="$missing wrk" ;;
    *) echo "need.sh: does not know $need" >&2; exit 2 ;;
  esac
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ]; then run=""; elif sudo -n true 2>/dev/null; then run="sudo -n"; else
  echo "waymark needs:$missing. Install them (on Debian: apt-get install$missing) and run this again." >&2
  exit 1
fi
command -v apt-get >/dev/null 2>&1 || { echo "waymark needs:$missing. Install them and run this again." >&2; exit 1; }
echo "Installing$missing"
# A cluster of the machine's own is not wanted: Waymark brings its own.
if [ ! -e /etc/postgresql-common/createcluster.conf ] && echo "$missing" | grep -q postgresql; then
  $run mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" | $run tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
$run apt-get update -qq
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $missing >/dev/null
