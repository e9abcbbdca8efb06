#!/usr/bin/env bash
# What only a machine with a CUDA GPU can show: the `cuda` tests and the `cuda` benchmarks, over the libtorch of Python's torch.
#   bash eng/gpu-check.sh --pack   here (needs the .NET SDK): builds tests and benchmarks into artifacts/gpu, with the .NET runtime they need
#   bash eng/gpu-check.sh          on the GPU machine, in a copy of this folder: needs Python's torch with CUDA, and g++; no .NET, no network
# Writes docs/performance.json and the CUDA section of docs/performance.md.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
pack="$root/artifacts/gpu"
projects=(Interp.Tests Interp.Torch.Tests)

refuse() { printf 'gpu-check: %s\n' "$*" >&2; exit 2; }

pack() {
  # shellcheck source=eng/setup.sh
  source "$root/eng/setup.sh"
  interp_setup
  rm -rf "$pack"
  mkdir -p "$pack/vstest" "$pack/dotnet/shared/Microsoft.NETCore.App"
  local project
  for project in "${projects[@]}"; do
    [ -d "$root/tests/$project" ] || continue
    dotnet build "$root/tests/$project" -c Release -v q -nologo -o "$pack/$project"
  done
  [ ! -d "$root/benchmarks/Interp.Benchmarks" ] || dotnet build "$root/benchmarks/Interp.Benchmarks" -c Release -v q -nologo -o "$pack/Interp.Benchmarks"

  local home sdk runtime
  home="$(dirname "$(readlink -f "$(command -v dotnet)")")"
  sdk="$(find "$home/sdk" -mindepth 1 -maxdepth 1 -name '10.*' | sort -V | tail -1)"
  runtime="$(find "$home/shared/Microsoft.NETCore.App" -mindepth 1 -maxdepth 1 -name '10.*' | sort -V | tail -1)"
  cp -r "$home/dotnet" "$home/host" "$pack/dotnet/"
  cp -r "$runtime" "$pack/dotnet/shared/Microsoft.NETCore.App/"
  # the SDK's test runner, which needs no SDK
  ( cd "$sdk" && cp -r vstest.console* testhost* Microsoft.TestPlatform* Microsoft.VisualStudio.TestPlatform* Newtonsoft.Json.dll \
      Microsoft.Extensions.FileSystemGlobbing.dll Microsoft.Extensions.DependencyModel.dll NuGet.Frameworks.dll Extensions "$pack/vstest/" )
  echo "packed $(du -sh "$pack" | cut -f1) in artifacts/gpu; copy this folder to the GPU machine and run: bash eng/gpu-check.sh"
}

check() {
  command -v nvidia-smi > /dev/null && nvidia-smi -L 2> /dev/null | grep -q GPU || refuse "no NVIDIA GPU here (nvidia-smi lists none). Nothing was run; CUDA figures stay open."
  command -v g++ > /dev/null || refuse "no g++ here; the native part is built against this machine's libtorch. Install g++."
  command -v python3 > /dev/null || refuse "no python3 here. Install Python and its torch with CUDA, or set INTERP_LIBTORCH to a CUDA libtorch."
  python3 -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2> /dev/null || refuse "Python's torch is absent or sees no CUDA. Install torch with CUDA."
  [ -d "$pack" ] || refuse "artifacts/gpu is absent. Make it on a machine with the .NET SDK: bash eng/gpu-check.sh --pack"

  export INTERP_LIBTORCH="${INTERP_LIBTORCH:-$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))')}"
  export DOTNET_ROOT="$pack/dotnet" PATH="$pack/dotnet:$PATH" DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
  export INTERP_FULL=1 INTERP_EVIDENCE="$root/artifacts/gpu-figures.jsonl"
  rm -f "$INTERP_EVIDENCE"
  echo "libtorch: $INTERP_LIBTORCH"

  local project code=0 log="$root/artifacts/gpu.log"
  : > "$log"
  for project in "${projects[@]}"; do
    [ -f "$pack/$project/$project.dll" ] || continue
    dotnet "$pack/vstest/vstest.console.dll" "$pack/$project/$project.dll" --TestCaseFilter:"Tier=cuda" < /dev/null 2>&1 | tee -a "$log" || code=1
  done
  if [ -f "$pack/Interp.Benchmarks/Interp.Benchmarks.dll" ]; then
    # without a name the program lists its benchmarks
    if { dotnet "$pack/Interp.Benchmarks/Interp.Benchmarks.dll" < /dev/null 2>&1 || true; } | grep -q '^  cuda '; then
      dotnet "$pack/Interp.Benchmarks/Interp.Benchmarks.dll" cuda < /dev/null 2>&1 | tee -a "$log" || code=1
    else
      echo "there is no benchmark named cuda yet"
    fi
  fi
  write_section "$log"
  return $code
}

write_section() { # $1: the log
  python3 - "$root" "$1" << 'PYTHON'
import datetime, json, pathlib, re, sys
import torch

root, log = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).read_text()
figures = root / "artifacts" / "gpu-figures.jsonl"
record = {
    "date": datetime.date.today().isoformat(),
    "device": torch.cuda.get_device_name(0),
    "libtorch": torch.__version__,
    "tests": [line.strip() for line in log.splitlines() if re.match(r"(Passed|Failed|Skipped)!", line.strip())],
    "figures": [json.loads(line) for line in figures.read_text().splitlines()] if figures.exists() else [],
}
(root / "docs" / "performance.json").write_text(json.dumps({"cuda": record}, indent=2) + "\n")

cell = lambda text: text.replace("|", "\\|").replace("<", "&lt;")
lines = ["## CUDA", "", f"Measured by `bash eng/gpu-check.sh` on {record['date']}: {record['device']}, libtorch {record['libtorch']}.", ""]
lines += [f"* {line}" for line in record["tests"]]
lines += ["", "| row | holds | measured |", "|---|---|---|"] if record["figures"] else ["", "No figure was recorded."]
lines += [f"| {f['row']} | {'yes' if f['holds'] else '**no**'} | {cell(f['figure'])} |" for f in record["figures"]]
page = root / "docs" / "performance.md"
text = page.read_text()
page.write_text(re.sub(r"## CUDA\n.*?(?=\n## |\Z)", lambda _: "\n".join(lines) + "\n", text, flags=re.S))
print("wrote the CUDA section of docs/performance.md")
PYTHON
}

case "${1:-}" in
  --pack) pack ;;
  "") check ;;
  *) refuse "usage: bash eng/gpu-check.sh [--pack]" ;;
esac
