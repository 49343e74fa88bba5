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

privileged() {
    # shellcheck disable=SC2086  # as_root is a command and its option
    $as_root env DEBIAN_FRONTEND=noninteractive "$@"
}

# Never at the price of a package that the machine's owner has.
add() {
    privileged apt-get install --yes --no-remove --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

echo "setup: installing$missing by apt-get (up to some minutes)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{
    # The lists may be absent or old; where only a part of them cannot be renewed, the rest may do.
    privileged apt-get update || true
    # An installation that was killed leaves packages half set up, and apt-get then refuses all else.
    privileged dpkg --configure -a || add --fix-broken || true
} >"$log" 2>&1
# shellcheck disable=SC2086  # missing is a list
if ! add $missing >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    give_up "apt-get failed, see above"
fi
