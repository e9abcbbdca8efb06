#!/usr/bin/env bash
# Makes the packages, built in Release.
#   bash eng/pack.sh [FOLDER]          into artifacts/packages, or FOLDER: Interp.Torch and Interp.System; and Interp, where TorchSharp can be restored
# Environment:
#   INTERP_VERSION           the version, e.g. 0.2.0-preview.1 (else the repository's)
#   INTERP_REPOSITORY_URL    the public address of the sources, written into the packages; without it sources travel inside the symbols
#   INTERP_TORCH_FEED        a further feed that has TorchSharp: a folder or an address
# Equal commits give equal packages: built under a fixed path, stamped with the commit's time.
set -euo pipefail
here="$(pwd)"
# shellcheck source=eng/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
interp_setup

folder="$(cd "$here" && realpath -m "${1:-$INTERP_ROOT/artifacts/packages}")"
cd "$INTERP_ROOT"
properties=(-p:ContinuousIntegrationBuild=true "-p:PackageOutputPath=$folder/")
[ -z "${INTERP_VERSION:-}" ] || properties+=("-p:Version=$INTERP_VERSION")
[ -z "${INTERP_REPOSITORY_URL:-}" ] || properties+=("-p:RepositoryUrl=$INTERP_REPOSITORY_URL" -p:RepositoryType=git)
DeterministicTimestamp="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || date +%s)}"
export DeterministicTimestamp

# Build output of its own: a build that is at hand may have been made under another path.
pack() { dotnet pack "$1" -c Release --artifacts-path "$INTERP_ROOT/artifacts/pack$2" -nologo -v q "-clp:ErrorsOnly;NoSummary" "${properties[@]}" "${@:3}"; }

mkdir -p "$folder"
pack src/Interp.Torch ""
pack src/Interp ""

feed=()
[ -z "${INTERP_TORCH_FEED:-}" ] || feed=("-p:RestoreAdditionalProjectSources=$INTERP_TORCH_FEED")
if dotnet restore src/Interp --artifacts-path "$INTERP_ROOT/artifacts/pack-torchsharp" -p:Torch=package "${feed[@]}" -nologo -v q > "$folder/torchsharp.log" 2>&1; then
  rm -f "$folder/torchsharp.log"
  pack src/Interp -torchsharp -p:Torch=package "${feed[@]}"
else
  say "The package Interp was not made: TorchSharp cannot be restored from the configured feeds ($folder/torchsharp.log)."
fi
ls -l "$folder"/*.nupkg
