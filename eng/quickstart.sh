#!/usr/bin/env bash
# Sets up what is missing, builds, and runs the quick start: samples/quickstart.cs. Arguments are passed on, e.g. --model FOLDER.
set -euo pipefail
here="$(pwd)"
# shellcheck source=eng/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
interp_setup

cd "$INTERP_ROOT"
echo "building (Release) ..."
dotnet build samples/quickstart.cs -c Release -nologo -v q "-clp:ErrorsOnly;NoSummary"
# relative folders among the arguments are the caller's
cd "$here"
exec dotnet run --no-build -c Release --file "$INTERP_ROOT/samples/quickstart.cs" -- "$@"
