# Shared by the scripts, which source it: stands in the project's folder, says what is going on, and
# installs what is missing. Debian packages are looked for by what they provide, not by their names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() { printf "%s\n" "$@"; }
stop() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Run a command without a word; if it fails, show all it said and stop with the sentence given first.
quietly() {
    local complaint=$1 said
    shift
    said=$(mktemp)
    if ! "$@" >"$said" 2>&1 </dev/null; then
        cat "$said" >&2
        rm -f "$said"
        stop "$complaint"
    fi
    rm -f "$said"
}

provides_python() { python3 -c 'import venv, ensurepip' 2>/dev/null; }
provides_chromium() { command -v chromium >/dev/null; }
provides_fonts() { [ -n "$(find /usr/share/fonts -name '*.[to]tf' -print -quit 2>/dev/null)" ]; }
provides_postgresql() { command -v pg_virtualenv >/dev/null && compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
provides_curl() { command -v curl >/dev/null; }
provides_openssl() { command -v openssl >/dev/null; }
provides_libatomic() { [[ "$(/sbin/ldconfig -p)" == *libatomic.so.1* ]]; }

declare -A DEBIAN=(
    [python]="python3 python3-venv"
    [chromium]="chromium"
    [fonts]="fonts-dejavu-core"
    [postgresql]="postgresql"
    [libatomic]="libatomic1"
    [curl]="curl"
    [openssl]="openssl"
)

# Install by apt what of the named needs is missing; without the right to, print the line to type and stop.
need() {
    local want missing=() root=()
    for want in "$@"; do
        "provides_$want" || missing+=(${DEBIAN[$want]})
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local line="apt-get install --yes --no-install-recommends ${missing[*]}"
    command -v apt-get >/dev/null || stop "Missing: ${missing[*]}. Install these first, then run this again."
    if [ "$(id -u)" != 0 ]; then
        { command -v sudo >/dev/null && sudo -v; } || stop "Missing: ${missing[*]}. As root: apt-get update && $line"
        root=(sudo)
    fi
    step "Debian packages: installing ${missing[*]}"
    local refused="Installing failed. As root, try: apt-get update && $line"
    quietly "$refused" "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update
    quietly "$refused" "${root[@]}" env DEBIAN_FRONTEND=noninteractive $line
}

# The virtual environment, made again when the folder or its Python is another one.
make_venv() {
    need python
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        stop "Pulse needs Python 3.11 or later, and this is $(python3 --version)."
    local mark="$PWD $(python3 --version)"
    if [ "$(cat .venv/made-for 2>/dev/null)" != "$mark" ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        step "Virtual environment: making .venv with $(python3 --version)"
        quietly "The virtual environment could not be made." python3 -m venv --clear .venv
        printf '%s\n' "$mark" >.venv/made-for
    fi
}

# Install a lock file into .venv by hash, wheels only; nothing to do while the lock is the one installed.
install_locked() {
    local lock=$1 stamp=.venv/installed-$1
    cmp -s "$lock" "$stamp" && return
    step "Python packages: installing $(grep -c '==' "$lock") pins of $lock (about a minute)"
    quietly "Python packages could not be installed." \
        .venv/bin/python -m pip install --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"
    cp "$lock" "$stamp"
}
