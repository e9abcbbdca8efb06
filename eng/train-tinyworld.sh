#!/usr/bin/env bash
# Trains the model tinyworld of the small world. Argument: the folder to write to (default: artifacts/tinyworld).
# The same machine, BLAS kernel and number of threads give the same bytes; others give other bytes.
set -euo pipefail
# shellcheck source=eng/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
interp_setup

# a preset kernel keeps OpenBLAS from choosing the machine's best
unset OPENBLAS_CORETYPE
folder="$(realpath -m "${1:-$INTERP_ROOT/artifacts/tinyworld}")"
cd "$INTERP_ROOT"
exec dotnet run -c Release --project benchmarks/Interp.Benchmarks -- train-tinyworld "$folder"
