#!/usr/bin/env bash
# A sweep as a Slurm array job, one shard for each task:
#
#   sbatch --array=1-64 inputs/sweeps/slurm.sh FOLDER NETWORK HARDWARE --vary … [OPTION…]
#   deepmatrix merge FOLDER/* -o ALL        # when all tasks are done
#
# A task that was stopped goes on where it was: `scontrol requeue`, or the same sbatch again.
#SBATCH --job-name=deepmatrix
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --output=%x-%A-%a.log
set -euo pipefail

if (($# < 4)); then
    echo "usage: sbatch --array=1-N $0 FOLDER NETWORK HARDWARE --vary … [OPTION…]" >&2
    exit 2
fi
folder=$1
shift
task=${SLURM_ARRAY_TASK_ID:?run it with sbatch --array=1-N}
tasks=${SLURM_ARRAY_TASK_COUNT:?run it with sbatch --array=1-N}

exec "${DEEPMATRIX:-deepmatrix}" sweep "$@" --jobs "${SLURM_CPUS_PER_TASK:-1}" \
    --shard "$task/$tasks" -o "$folder/$task"
