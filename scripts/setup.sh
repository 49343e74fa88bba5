#!/bin/sh
# Makes .venv equal to requirements.lock, with the project in it. Safe to kill and to run again.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/sanxing-setup

# What .venv was made from. Content, not time: a checkout changes times only. The place counts
# because scripts in .venv/bin name it; Python's version because an upgrade of Debian replaces it.
state() {
    pwd
    .venv/bin/python --version
    sha256sum requirements.lock pyproject.toml
}

is_current() {
    [ -f "$stamp" ] && [ "$(state 2>/dev/null)" = "$(cat "$stamp")" ]
}

can_be_updated() {
    [ -f "$stamp" ] && [ "$(state 2>/dev/null | head -n 2)" = "$(head -n 2 "$stamp")" ]
}

is_current && exit 0

# Two makes at once on a fresh clone must not both write .venv. The lock is on this file: nothing to clean up.
exec 9<scripts/setup.sh
flock 9
is_current && exit 0

scripts/uv.sh --version >/dev/null # gets it where it is missing, so that what fails below is not that
if can_be_updated; then
    echo "setup: bringing .venv up to requirements.lock (seconds)"
    rm "$stamp"
else
    # Without a stamp an earlier set-up was cut off, and may have left half a package that looks whole.
    echo "setup: making .venv from requirements.lock (one to three minutes the first time)"
    rm -rf .venv
    if ! scripts/uv.sh venv --quiet .venv; then
        echo "setup: Python 3.11 or newer is needed; where it is not the default, name it: make setup UV_PYTHON=/path/to/python" >&2
        exit 1
    fi
fi
# Compiled now, so that no first command waits for it, and none later where Python may not write beside its packages.
scripts/uv.sh pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes requirements.lock
scripts/uv.sh pip install --quiet --python .venv/bin/python --no-deps --editable .

state >"$stamp.new"
mv "$stamp.new" "$stamp"
echo "setup: done, the command is .venv/bin/sanxing"
