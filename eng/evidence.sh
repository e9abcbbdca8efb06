#!/usr/bin/env bash
# Runs every long row in full and writes docs/evidence.md.
#   bash eng/evidence.sh           all areas (eng/evidence/*.json): every test and every benchmark, once
#   bash eng/evidence.sh AREA      one area, its tests and its benchmarks; the figures of the others stay as they are
# Tests see INTERP_FULL=1; tests and benchmarks record through Evidence.Record. Takes long: benchmarks run on a machine at rest.
set -euo pipefail
# shellcheck source=eng/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
interp_setup

# a preset kernel keeps OpenBLAS from choosing the machine's best
unset OPENBLAS_CORETYPE
export INTERP_FULL=1

cd "$INTERP_ROOT"
render() { dotnet run eng/evidence/render.cs -- "$@"; }

echo "machine: $(render machine)"
commit="$(git rev-parse --short HEAD 2>/dev/null || echo unknown)"
git diff --quiet HEAD -- src tests benchmarks samples 2>/dev/null || commit="$commit with changes"
date="$(date -u +%Y-%m-%d)"
out="$INTERP_ROOT/artifacts/evidence"
mkdir -p "$out"

# one figure that a script measured: row, true|false, figure
record() { printf '{"row":"%s","holds":%s,"figure":"%s","by":"evidence.sh"}\n' "$1" "$2" "$3" >> "$INTERP_EVIDENCE"; }

quick_start() {
  [ -f samples/quickstart.cs ] || return 0
  bash eng/quickstart.sh > "$out/quickstart.log" 2>&1 || { record quick-start false "the quick start failed"; return 0; }
  local start end seconds
  start="$(date +%s%N)"
  dotnet run --no-build -c Release --file samples/quickstart.cs > "$out/quickstart.log" 2>&1 || true
  end="$(date +%s%N)"
  seconds="$(( (end - start) / 100000000 ))"
  record quick-start "$([ "$seconds" -lt 200 ] && echo true || echo false)" "$((seconds / 10)).$((seconds % 10)) s, the bundled model"
}

benchmarks() { # names, or all
  [ $# -gt 0 ] || return 0
  local name code=0
  dotnet build benchmarks/Interp.Benchmarks -c Release -nologo -v q "-clp:ErrorsOnly;NoSummary" || return 1
  for name in "$@"; do
    dotnet run --no-build -c Release --project benchmarks/Interp.Benchmarks -- "$name" < /dev/null || code=1
  done
  return $code
}

# vectors of an independent implementation of tokenizer.json, where npm and the optional data are at hand
tokenizer_vectors() {
  local tokenizer
  command -v npm > /dev/null && [ -d ../shared/tokenizers ] || { echo "no npm or no ../shared: no independent tokenizer vectors"; return 0; }
  mkdir -p "$out/npm/vectors"
  (cd "$out/npm" && npm install --no-audit --no-fund @huggingface/tokenizers > npm.log 2>&1) || { echo "npm could not install: no independent tokenizer vectors"; return 0; }
  for tokenizer in ../shared/tokenizers/neox ../shared/tokenizers/t5-small ../shared/models/stories260K; do
    tokenizer="$(realpath "$tokenizer")"
    (cd "$out/npm" && node "$INTERP_ROOT/eng/tokenizer-vectors.mjs" "$tokenizer/tokenizer.json" "vectors/$(basename "$tokenizer").json") || return 0
  done
  export INTERP_TOKENIZER_VECTORS="$out/npm/vectors"
}

# the model of the small world again, whole: as the machine does it best; then, where the processor has them, with a kernel without fused
# products, plain vectors and one thread, which adds in another order and has to end at the same bytes
organisms() {
  bash eng/train-organism.sh tinyworld "$out/tinyworld" < /dev/null || return 1
  grep -qsw avx /proc/cpuinfo || return 0
  INTERP_KERNEL=Sandybridge ATEN_CPU_CAPABILITY=default OMP_NUM_THREADS=1 bash eng/train-organism.sh tinyworld "$out/tinyworld" < /dev/null
}

measure() { # $1: the run's name, $2: test filter or nothing, then: benchmarks
  echo "== $1"
  export INTERP_EVIDENCE="$out/$1.jsonl"
  rm -f "$INTERP_EVIDENCE"
  local log="$out/$1.log" filter=() code=0
  [ -z "$2" ] || filter=(--filter "$2")
  case "$1" in all | models) tokenizer_vectors ;; esac
  bash eng/test.sh "${filter[@]}" < /dev/null 2>&1 | tee "$log" || code=1
  tests="$(tail -1 "$log")"
  case "$1" in all | foundation) quick_start ;; esac
  case "$1" in all | product) organisms || code=1 ;; esac
  benchmarks "${@:3}" || code=1
  return $code
}

merge() { render merge "$1" "$INTERP_EVIDENCE" "$commit" "$date" "$tests"; }

status=0
if [ $# -eq 0 ]; then
  measure all "" all || status=1
  while IFS=$'\t' read -r area _; do merge "$area" || status=1; done < <(render areas)
else
  found=no
  while IFS=$'\t' read -r area filter names; do
    [ "$1" = "$area" ] || continue
    found=yes
    # shellcheck disable=SC2086  # names are words
    measure "$area" "${filter#-}" $names || status=1
    merge "$area" || status=1
  done < <(render areas)
  if [ "$found" = no ]; then
    say "no area '$1'; declared: $(cd eng/evidence && echo *.json | sed 's/\.json//g')"
    exit 2
  fi
fi
echo "wrote docs/evidence.md"
exit $status
