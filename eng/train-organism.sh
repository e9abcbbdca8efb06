#!/usr/bin/env bash
# Trains a bundled model anew. Arguments: induction-2l, modadd-59 or tinyworld; the folder to write to (default: artifacts/NAME).
# The library embeds src/Interp/Tasks/Organisms/NAME. docs/organisms.md says how long each takes and what it reaches.
set -euo pipefail
# shellcheck source=eng/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
interp_setup

# a preset kernel keeps OpenBLAS from choosing the machine's best
unset OPENBLAS_CORETYPE
name="${1:?Name the model to train: induction-2l, modadd-59 or tinyworld}"
folder="$(realpath -m "${2:-$INTERP_ROOT/artifacts/$name}")"
cd "$INTERP_ROOT"
exec dotnet run -c Release --project benchmarks/Interp.Benchmarks -- train "$name" "$folder"
