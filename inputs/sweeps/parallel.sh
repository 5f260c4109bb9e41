#!/usr/bin/env bash
# A sweep in shards under GNU parallel, and their points joined.
#
#   inputs/sweeps/parallel.sh SHARDS AT_ONCE FOLDER NETWORK HARDWARE --vary … [OPTION…]
#
# DEEPMATRIX names the program (deepmatrix unless set). A shard that failed or was stopped goes on
# where it was when the script is run again. `--sshlogin` and `--workdir` in PARALLEL spread the
# shards over machines with the same files.
set -euo pipefail

if (($# < 6)); then
    echo "usage: $0 SHARDS AT_ONCE FOLDER NETWORK HARDWARE --vary … [OPTION…]" >&2
    exit 2
fi
shards=$1 at_once=$2 folder=$3
shift 3
program=${DEEPMATRIX:-deepmatrix}

parallel --jobs "$at_once" --halt now,fail=1 --quote \
    "$program" sweep "$@" --jobs 1 --shard "{}/$shards" -o "$folder/{}" ::: $(seq "$shards")

rm -rf "$folder/all"
mapfile -t parts < <(seq "$shards" | sed "s|^|$folder/|")
"$program" merge "${parts[@]}" -o "$folder/all"
