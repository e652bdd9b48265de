#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Fuzzes for FUZZ_SECONDS (default 20) from the seeds and from what earlier runs in this build found.
# At low priority, since other tests with deadlines may run beside it.
# Usage: run.sh PROGRAM SEEDS DICTIONARY WORK [root]. Exit code 77: skipped, and why.
set -euo pipefail

program=$1 seeds=$2 dictionary=$3 work=$4 needs=${5:-}
seconds=${FUZZ_SECONDS:-20}
seed=${FUZZ_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}

if [ "$needs" = root ] && [ "$(id -u)" != 0 ]; then
  echo "needs root, to load BPF programs"
  exit 77
fi
mkdir -p "$work/corpus" "$work/artifacts"
touch "$work/started"
echo "fuzz: $(basename "$program"), $seconds s, -seed=$seed"
status=0
UBSAN_OPTIONS=print_stacktrace=1 nice -n 19 "$program" -seed="$seed" -max_total_time="$seconds" \
  -rss_limit_mb=1024 -timeout=10 -max_len=2048 -dict="$dictionary" -artifact_prefix="$work/artifacts/" \
  -print_final_stats=1 \
  "$work/corpus" "$seeds" >"$work/log" 2>&1 || status=$?

grep -E 'DONE|number_of_executed_units|average_exec_per_sec|peak_rss' "$work/log" || true
if [ "$status" != 0 ]; then
  tail -n 60 "$work/log"
  echo "fuzz: exit code $status, the log is $work/log"
  find "$work/artifacts" -type f -newer "$work/started" | while read -r input; do
    echo "fuzz: failing input: $input"
    echo "fuzz: again with: $program $input"
  done
  exit 1
fi
