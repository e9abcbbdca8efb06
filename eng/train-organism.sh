#!/usr/bin/env bash
# Trains a bundled model anew. Arguments: induction-2l, modadd-59 or tinyworld; the folder to write to (default: artifacts/NAME).
# The library embeds src/Interp/Tasks/Organisms/NAME. docs/organisms.md says how long each takes and what it reaches.
# What decides the last bits is held fixed: OpenBLAS's kernel, the vector width of libtorch and oneDNN, the number of threads. So tinyworld's
# bytes hang neither on the kernel that OpenBLAS would choose nor on the number of cores (seen on one and on two), given x86-64 with AVX2 and the
# same libtorch and OpenBLAS.
# INTERP_ANY_KERNEL=1 trains as the machine likes best, and as OMP_NUM_THREADS says.
set -euo pipefail
# shellcheck source=eng/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
interp_setup

if [ "${INTERP_ANY_KERNEL:-0}" != 1 ] && grep -qsw avx2 /proc/cpuinfo; then
  export OPENBLAS_CORETYPE=Haswell ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 OMP_NUM_THREADS=2 OMP_DYNAMIC=false
else
  unset OPENBLAS_CORETYPE # a preset kernel keeps OpenBLAS from choosing the machine's best
fi
name="${1:?Name the model to train: induction-2l, modadd-59 or tinyworld}"
folder="$(realpath -m "${2:-$INTERP_ROOT/artifacts/$name}")"
cd "$INTERP_ROOT"
exec dotnet run -c Release --project benchmarks/Interp.Benchmarks -- train "$name" "$folder"
