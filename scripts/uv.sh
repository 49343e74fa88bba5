#!/bin/sh
# Runs uv: the one on PATH, or else a private one in .tools, got on first use.
set -eu
cd "$(dirname "$0")/.."

at_least=0.9.0

usable() {
    version=$("$1" --version 2>/dev/null | awk '{ print $2 }')
    [ "$(printf '%s\n' "$at_least" "${version:-0}" | sort -V | head -n 1)" = "$at_least" ]
}

get_private_uv() {
    echo "setup: getting uv into .tools (once, some seconds)" >&2
    rm -rf .tools
    # Debian ships Python without ensurepip; the package python3-venv brings it.
    if ! python3 -m venv .tools >/dev/null 2>&1; then
        scripts/packages.sh python3-venv >&2
        python3 -m venv --clear .tools
    fi
    .tools/bin/python -m pip install -qq --disable-pip-version-check --no-deps \
        --only-binary :all: --require-hashes --requirement scripts/uv.lock.txt >&2
}

# uv does not read pip's configuration. Where uv came by pip, whoever set up this machine's mirror
# and certificate for pip meant them for uv too.
follow_pip() {
    options=$(.tools/bin/python -m pip config list 2>/dev/null)
    index=$(pip_option index-url)
    certificate=$(pip_option cert)
    if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
        export UV_DEFAULT_INDEX="$index"
    fi
    if [ -n "$certificate" ] && [ -z "${SSL_CERT_FILE:-}" ]; then
        export SSL_CERT_FILE="$certificate"
    fi
}

# The value that wins in pip: the environment, then what is set for install, then what is set for all.
pip_option() {
    for section in :env: install global; do
        printf '%s\n' "$options" | sed -n "s/^$section\.$1='\(.*\)'\$/\1/p"
    done | head -n 1
}

if usable uv; then
    uv=uv
else
    uv=.tools/bin/uv
    usable "$uv" || get_private_uv
    follow_pip
fi

# Python is the machine's own, never a download; a slow mirror is not a broken one.
export UV_PYTHON_DOWNLOADS="${UV_PYTHON_DOWNLOADS:-never}"
export UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-180}"
exec "$uv" "$@"
