#!/usr/bin/env bash
# Trains a bundled model anew. Arguments: induction-2l, modadd-59 or tinyworld; the folder to write to (default: artifacts/NAME).
# The library embeds src/Interp/Tasks/Organisms/NAME. docs/organisms.md says how long each takes and what it reaches.
# tinyworld's bytes are the same whatever OpenBLAS's kernel, the vector width and the number of threads (TrainingOptions.MachineIndependent), so that
# nothing is held; INTERP_KERNEL=NAME takes another of OpenBLAS's kernels than it would choose, to try that. The other two are trained in float32,
# whose last bits hang on these: they are held as they were when the bundled weights were made (kernel Zen, AVX2, one thread; x86-64 with AVX2).
set -euo pipefail
# shellcheck source=eng/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
interp_setup

name="${1:?Name the model to train: induction-2l, modadd-59 or tinyworld}"
unset OPENBLAS_CORETYPE # a preset kernel keeps OpenBLAS from choosing the machine's best
if [ -n "${INTERP_KERNEL:-}" ]; then
  export OPENBLAS_CORETYPE="$INTERP_KERNEL"
elif [ "$name" != tinyworld ] && grep -qsw avx2 /proc/cpuinfo; then
  export OPENBLAS_CORETYPE=Zen ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 OMP_NUM_THREADS=1
fi
folder="$(realpath -m "${2:-$INTERP_ROOT/artifacts/$name}")"
cd "$INTERP_ROOT"
exec dotnet run -c Release --project benchmarks/Interp.Benchmarks -- train "$name" "$folder"
