#!/bin/sh
# Installs those of the named Debian packages that are missing: packages.sh NAME...
set -eu

is_there() {
    case $1 in
        chromium) [ -n "${SANXING_CHROMIUM:-}" ] || command -v chromium ;;
        *) dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed ;;
    esac >/dev/null
}

give_up() {
    echo "setup: cannot install$missing here ($1); as root, run: apt-get install$missing" >&2
    exit 1
}

missing=
for package in "$@"; do
    is_there "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null || give_up "no apt-get"
as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || give_up "not root, and no sudo"
    as_root=sudo
    [ -t 0 ] || as_root="sudo -n" # nobody is there to type a password
fi

apt() {
    # shellcheck disable=SC2086  # as_root and missing are lists
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"
}

echo "setup: installing$missing by apt-get (up to some minutes)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The lists may be absent or old; where only a part of them cannot be renewed, the rest may do.
apt update >"$log" 2>&1 || true
# shellcheck disable=SC2086
if ! apt install --yes --no-install-recommends $missing >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    give_up "apt-get failed, see above"
fi
