#!/usr/bin/env bash
# Measures building and testing in a clone and a target folder of its own, and prints a Markdown table.
# `results/structure/build.sh [PART…]`, all in this order without one (an hour):
#   fresh   from a clone to the first result, HiGHS included
#   quick   `./x test quick` after a change of one file that everything rests on
#   test    `./x test`
#   size    bytes of the program, and without its symbols
# WORK=FOLDER keeps the clone there, so that later parts go on from it; a machine that is otherwise idle counts.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=${WORK:-$(mktemp -d)}
clone=$work/clone
export CARGO_TARGET_DIR=$work/target XDG_CACHE_HOME=$work/cache
program=$CARGO_TARGET_DIR/release/deepmatrix
# What is changed: every layer of the crate uses it.
changed=src/problem/units.rs

row() {
    printf '| %s | %s | %s |\n' "$@"
}

# A row with the seconds of wall and of processor time that a command takes.
timed() {
    local what=$1 spent log=$work/log
    shift
    TIMEFORMAT='%R %U %S'
    if ! spent=$({ time "$@" >"$log" 2>&1; } 2>&1); then
        tail -n 20 "$log" >&2
        printf 'error: %s failed\n' "$what" >&2
        exit 1
    fi
    read -r wall user system <<<"$spent"
    row "$what" "$wall" "$(awk "BEGIN {print $user + $system}")"
}

first_result() {
    "$clone/x" solve "$clone/inputs/tiny/tiny.yaml" "$clone/inputs/tiny/tiny-hw.yaml" --no-memory-plan
}

measure() {
    case $1 in
        fresh)
            rm -rf "$CARGO_TARGET_DIR"
            timed "from a fresh clone to the first result" first_result
            ;;
        quick)
            # What it needs is there already, as after an earlier run.
            "$clone/x" test quick >"$work/log" 2>&1
            printf '// Changed.\n' >>"$clone/$changed"
            timed "\`./x test quick\` after a change of one file" "$clone/x" test quick
            git -C "$clone" checkout --quiet -- "$changed"
            ;;
        test) timed "\`./x test\`" "$clone/x" test ;;
        size)
            first_result >"$work/log" 2>&1
            strip -o "$work/stripped" "$program"
            row "bytes of the program, stripped" "$(stat -c %s "$program")" "$(stat -c %s "$work/stripped")"
            ;;
        *)
            printf 'error: there is no part %s: fresh, quick, test, size\n' "$1" >&2
            exit 2
            ;;
    esac
}

if [[ ! -d $clone ]]; then
    git clone --quiet "$root" "$clone"
fi
commit=$(git -C "$clone" log -1 --format=%h)
row "commit $commit, $(nproc) cores" "wall s" "processor s"
printf '|---|--:|--:|\n'
for part in "${@:-fresh quick test size}"; do
    for one in $part; do
        measure "$one"
    done
done
if [[ -z ${WORK:-} ]]; then
    rm -rf "$work"
fi
