#!/usr/bin/env bash
# Trains the bundled model induction-2l anew: some minutes on two cores. Argument: the folder to write to (default: where the library embeds it from).
# The same machine, BLAS kernel and number of threads give the same bytes; others give the same accuracy.
set -euo pipefail
# shellcheck source=eng/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
interp_setup

# a preset kernel keeps OpenBLAS from choosing the machine's best
unset OPENBLAS_CORETYPE
folder="$(realpath -m "${1:-$INTERP_ROOT/src/Interp/Tasks/Organisms/induction-2l}")"
cd "$INTERP_ROOT"
exec dotnet run -c Release --project benchmarks/Interp.Benchmarks -- train-induction "$folder"
