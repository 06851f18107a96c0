#!/bin/sh
# Sets Motcua up on a fresh machine and runs one of its tasks; `make` calls this script.
#
#   sh setup.sh run [options of `motcua run`]    the whole system on this machine
#   sh setup.sh test [options of pytest]         every test
#   sh setup.sh check                            format, lint, types, layers, tests
#   sh setup.sh prove [proofs]                   the long proofs; writes docs/proofs.md, docs/statistics.md
#   sh setup.sh docs | lock | bench              generated documents, lock files, measurements
#   sh setup.sh install                          set up only
#   sh setup.sh deepface                         an environment for audits with deepface
#   sh setup.sh train [options]                  train the bundled models anew (--help lists them)
#   sh setup.sh train-tests                      test training; renews models/lab/training/TESTED
#
# Everything goes into .venv/ beside this file, deepface and training into .venv-deepface/ and
# .venv-lab/; a second start changes nothing. The only packages installed outside are Debian's
# mosquitto and, if nothing else helps, python3-venv, and only as root or where sudo asks for no
# password. MOTCUA_PYTHON names another Python (3.11 or newer).
set -eu

cd "$(dirname "$0")"
VENV=.venv
PYTHON_IN_VENV=$VENV/bin/python
LOG=$VENV/setup.log

# What the user shall see goes to 3: the output of tools is often turned into the log.
exec 3>&1
say() { printf '%s\n' "$*" >&3; }
die() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# ---------------------------------------------------------------- root's help, where it is given

# Prints the prefix under which apt may be called ("", or "sudo -n"); fails when it may not.
root_prefix() {
    has apt-get || return 1
    if [ "$(id -u)" -eq 0 ]; then
        return 0
    fi
    has sudo && sudo -n true 2>/dev/null && printf 'sudo -n'
}

# apt_install PACKAGE...: installs without questions; fails where we are not allowed to.
apt_install() {
    prefix=$(root_prefix) || return 1
    say "installing $* with apt ..."
    export DEBIAN_FRONTEND=noninteractive
    watched "apt" 0 apt_get install -y --no-install-recommends "$@" && return 0
    watched "apt's lists" 0 apt_get update || true
    watched "apt" 0 apt_get install -y --no-install-recommends "$@"
}

# A new machine often updates itself at its first start: apt is waited for, not given up.
apt_get() {
    # shellcheck disable=SC2086  # the prefix is empty or two words
    $prefix apt-get -o DPkg::Lock::Timeout=300 "$@"
}

# ---------------------------------------------------------------- Python and its environment

recent_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${MOTCUA_PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14 \
        /usr/bin/python3; do
        if recent_enough "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    die "no Python 3.11 or newer is found: install python3, or name one with MOTCUA_PYTHON"
}

# How packages get into .venv: its own pip, another pip that points at it, or uv.
pip_in_venv() {
    if "$PYTHON_IN_VENV" -m pip --version >/dev/null 2>&1; then
        "$PYTHON_IN_VENV" -m pip "$@"
    elif [ -f "$VENV/pip.whl.path" ]; then
        "$PYTHON_IN_VENV" "$(cat "$VENV/pip.whl.path")/pip" "$@"
    elif [ -f "$VENV/outer.python" ]; then
        "$(cat "$VENV/outer.python")" -m pip --python "$PYTHON_IN_VENV" "$@"
    elif has uv; then
        uv pip "$@" --python "$PYTHON_IN_VENV"
    else
        return 1
    fi
}

can_install() { recent_enough "$PYTHON_IN_VENV" && pip_in_venv list >/dev/null 2>&1; }

make_venv() {
    can_install && return 0
    rm -rf "$VENV"
    mkdir -p "$VENV" || die "$(pwd) cannot be written: clone it where $(id -un) may write"
    python=$(find_python)
    say "making a private environment in $VENV with $("$python" --version 2>&1) ..."
    for way in with_own_pip with_outer_pip with_apt with_unpacked_pip with_uv; do
        mkdir -p "$VENV"
        if "$way" "$python" >>"$LOG" 2>&1 && can_install; then
            return 0
        fi
        keep_log_only
    done
    die "Python cannot install packages here (see $LOG): apt install python3-venv, then start again"
}

keep_log_only() { find "$VENV" -mindepth 1 -maxdepth 1 ! -name setup.log -exec rm -rf {} +; }

with_own_pip() { "$1" -m venv "$VENV"; }

with_outer_pip() {
    # Debian's Python without python3-venv: its pip, where there is one, can fill the environment.
    "$1" -m pip --python "$1" --version || return 1
    "$1" -m venv --without-pip "$VENV" && printf '%s' "$1" >"$VENV/outer.python"
}

with_apt() {
    version=$("$1" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    apt_install "$version-venv" || apt_install python3-venv || return 1
    "$1" -m venv "$VENV"
}

with_unpacked_pip() {
    # A normal user may still download a package of Debian's and unpack the pip inside it.
    has apt-get && has dpkg || return 1
    "$1" -m venv --without-pip "$VENV" || return 1
    here=$(pwd)
    mkdir -p "$VENV/debian"
    (cd "$VENV/debian" && apt-get download python3-pip-whl && dpkg -x ./*.deb .) || return 1
    for wheel in "$here/$VENV"/debian/usr/share/python-wheels/pip-*.whl; do
        [ -f "$wheel" ] && printf '%s' "$wheel" >"$VENV/pip.whl.path"
    done
    [ -f "$VENV/pip.whl.path" ]
}

with_uv() { has uv && uv venv --allow-existing --python "$1" "$VENV"; }

# ---------------------------------------------------------------- the locked dependencies

# The state that a set was installed from: its lock file, the build tool's and our own package's.
state_of() { cat "requirements/$1.txt" requirements/build.txt pyproject.toml | cksum; }

is_installed() {
    [ -x "$VENV/bin/motcua" ] && [ -f "$VENV/.installed-$1" ] &&
        [ "$(cat "$VENV/.installed-$1")" = "$(state_of "$1")" ]
}

# watched WHAT TOTAL COMMAND...: runs a long command into the log and shows its seconds and, where
# TOTAL is not 0, how many packages pip has reached. It stays in the foreground for Ctrl-C.
watched() {
    what=$1 total=$2
    shift 2
    show_progress &
    watcher=$!
    trap 'kill "$watcher" 2>/dev/null; exit 130' INT TERM
    status=0
    "$@" >>"$LOG" 2>&1 || status=$?
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    trap - INT TERM
    if [ -t 3 ]; then printf '\n' >&3; fi
    return "$status"
}

show_progress() {
    waited=0 reached=
    while kill -0 $$ 2>/dev/null; do
        sleep 1
        waited=$((waited + 1))
        if [ "$total" -gt 0 ]; then
            reached="$(grep -c '^Collecting' "$LOG" || true) of $total packages, "
        fi
        if [ -t 3 ]; then
            printf '\r  %s: %s%s s ' "$what" "$reached" "$waited" >&3
        elif [ $((waited % 10)) -eq 0 ]; then
            say "  $what: $reached$waited s"
        fi
    done
}

install_set() {
    total=$(grep -c '^[a-z0-9].*==' "requirements/$1.txt")
    say "installing $total locked packages (about 1 GB on disk; some minutes the first time) ..."
    : >"$LOG"
    watched installing "$total" pip_in_venv install --require-hashes --no-deps \
        -r requirements/build.txt -r "requirements/$1.txt" ||
        { tail -n 5 "$LOG" >&2 && die "the packages could not be installed: see $LOG"; }
    pip_in_venv install --no-deps --no-build-isolation --editable . >>"$LOG" 2>&1 ||
        { tail -n 5 "$LOG" >&2 && die "Motcua itself could not be installed: see $LOG"; }
    state_of "$1" >"$VENV/.installed-$1"
}

# An environment apart: the OpenCV that deepface asks for would overwrite ours.
want_deepface() { want_apart deepface; }

# PyTorch is large, its builds differ by machine, and nothing but training needs it: no lock file
# holds it. PIP_INDEX_URL and PIP_EXTRA_INDEX_URL choose another build of it.
TORCH=torch==2.13.0
want_lab() { want_apart lab "$TORCH"; }

# want_apart SET [PACKAGE]: fills .venv-SET from its lock file, and adds a package that none holds.
want_apart() {
    set=$1 extra=${2:-}
    VENV=.venv-$set PYTHON_IN_VENV=.venv-$set/bin/python LOG=.venv-$set/setup.log
    state="$(cksum <"requirements/$set.txt") $extra"
    if [ -f "$VENV/.installed" ] && [ "$(cat "$VENV/.installed")" = "$state" ]; then
        return 0
    fi
    be_alone
    make_venv
    total=$(grep -c '^[a-z0-9].*==' "requirements/$set.txt")
    say "installing $total locked packages (about 500 MB on disk) ..."
    : >"$LOG"
    watched installing "$total" pip_in_venv install --require-hashes --no-deps \
        -r "requirements/$set.txt" ||
        { tail -n 5 "$LOG" >&2 && die "the set $set could not be installed: see $LOG"; }
    if [ -n "$extra" ]; then
        watched "installing $extra" 0 pip_in_venv install "$extra" ||
            { tail -n 5 "$LOG" >&2 && die "$extra could not be installed: see $LOG"; }
    fi
    printf '%s\n' "$state" >"$VENV/.installed"
    exec 9<&-
}

# need SET: "local" is what `motcua run` needs, "dev" adds the tools; dev contains local.
need() {
    has_set "$1" && return 0
    be_alone
    if ! has_set "$1"; then
        make_venv
        install_set "$1"
        say "set-up is complete"
    fi
    exec 9<&-
}

has_set() { is_installed "$1" || { [ "$1" = local ] && is_installed dev; }; }

# Holds this script locked: the kernel lets go of it when set-up ends, however it ends.
be_alone() {
    exec 9<setup.sh
    if has flock && ! flock -n 9; then
        say "another set-up works in this folder: waiting for it ..."
        flock 9
    fi
}

# ---------------------------------------------------------------- the broker

has_mosquitto() { PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v mosquitto >/dev/null 2>&1; }

want_mosquitto() {
    if has_mosquitto || [ -f "$VENV/.no-mosquitto" ]; then
        return 0
    fi
    why="may not be by $(id -un)"
    if root_prefix >/dev/null; then
        apt_install mosquitto && has_mosquitto && return 0
        why="could not be by apt (see $LOG)"
    fi
    : >"$VENV/.no-mosquitto" # asked once; `motcua run` goes on telling what its stand-in costs
    say "mosquitto is not installed and $why: a Python broker stands in for it"
    say "  (about 50 devices instead of 1,000). Better: sudo apt install mosquitto"
}

# ---------------------------------------------------------------- the tasks

check() {
    step "format" "$VENV/bin/ruff" format --check .
    step "lint" "$VENV/bin/ruff" check .
    if has shellcheck || [ "${CI:-}" = true ]; then step "shell" lint_shell; fi
    step "types" "$VENV/bin/mypy"
    step "layers" "$VENV/bin/lint-imports"
    run_tests_twice "$@" # generated documents among them
}

step() {
    title=$1
    shift
    say "== $title"
    "$@" || die "$title: not clean"
}

lint_shell() { git grep -lE '^#! ?/bin/sh' | xargs shellcheck --shell=sh; }

write_documents() {
    "$PYTHON_IN_VENV" -m contract.documents "$1"
    "$PYTHON_IN_VENV" -m server.kpi.document "$1"
    "$PYTHON_IN_VENV" -m server.document "$1"
    "$PYTHON_IN_VENV" -m models.lab.evaluation.document "$1"
}

# Two workers a core, for tests wait about as long as they compute, and no more than six:
# each has a database, a broker and a browser of its own. A worker that is done takes over what others
# have left; `-n 0` runs all in one process.
run_tests() {
    cores=$(nproc 2>/dev/null || echo 1)
    workers=$((2 * cores))
    if [ "$workers" -gt 6 ]; then workers=6; fi
    "$PYTHON_IN_VENV" -m pytest --timeout=180 -n "$workers" --dist worksteal "$@"
}

# Beside other tests' databases and browsers one may wait longer than it was given: up to five that
# failed are run once more, one at a time. The log names them, and one that fails again fails all.
run_tests_twice() {
    cache=$(mktemp -d)
    code=0
    run_tests -o cache_dir="$cache" "$@" || code=$?
    if [ "$code" -eq 1 ] && [ "$(count_failed "$cache")" -le 5 ]; then
        say "== failed beside others, now one at a time"
        code=0
        "$PYTHON_IN_VENV" -m pytest --timeout=180 -n 0 -o cache_dir="$cache" --last-failed "$@" || code=$?
    fi
    rm -rf "$cache"
    return "$code"
}

count_failed() {
    "$PYTHON_IN_VENV" -c "import json; print(len(json.load(open('$1/v/cache/lastfailed'))))"
}

lock() {
    for set in dev edge server dashboards local deepface lab; do
        say "locking $set ..."
        # The roles' sets agree with dev, which is what the tests run with.
        constraint="-c requirements/dev.txt"
        [ "$set" = dev ] && constraint=
        # shellcheck disable=SC2086
        "$VENV/bin/uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url \
            --no-emit-find-links --python-version 3.11 --extra "$set" $constraint \
            pyproject.toml -o "requirements/$set.txt" "$@"
    done
}

bench() {
    for file in tests/bench/*.py; do
        say "== $file"
        name=$(basename "$file" .py)
        "$PYTHON_IN_VENV" -m "tests.bench.$name" "$@" || die "$file failed"
    done
}

task=${1:-run}
[ $# -gt 0 ] && shift
case $task in
run)
    need local
    want_mosquitto
    exec "$VENV/bin/motcua" run "$@" 3>&-
    ;;
test)
    need dev
    want_mosquitto
    run_tests "$@"
    ;;
check)
    need dev
    want_mosquitto
    check "$@"
    ;;
prove)
    need dev
    want_mosquitto
    exec "$PYTHON_IN_VENV" -m tests.prove "$@" 3>&-
    ;;
bench)
    need dev
    want_mosquitto
    bench "$@"
    ;;
docs)
    need dev
    "$PYTHON_IN_VENV" -m models.lab.evaluation.measured
    write_documents docs/
    ;;
lock)
    need dev
    lock "$@"
    ;;
install)
    need local
    want_mosquitto
    ;;
deepface)
    want_deepface
    say "deepface is set up: motcua models evaluate --model deepface:emotion"
    ;;
train)
    want_lab
    # Freed memory is kept for the next batch: 1.7 times as fast.
    export MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=8589934592
    if [ $# -eq 0 ]; then set -- --data ../shared/data; fi
    exec "$PYTHON_IN_VENV" -m models.lab.training "$@" 3>&-
    ;;
train-tests)
    want_lab
    # Nets this small gain nothing from threads, and lose much where other programs use the cores.
    export OMP_NUM_THREADS=1
    exec "$PYTHON_IN_VENV" -m tests.models.lab.training.tested --renew 3>&-
    ;;
*) die "no task is called $task; tasks: run test check prove docs lock bench install deepface train train-tests" ;;
esac
