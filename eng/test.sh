#!/usr/bin/env bash
# Sets up what is missing, builds, and runs every test of the solution; arguments are passed on to `dotnet test`, e.g. --filter Tier=unit.
# The last line is "N passed, N failed, N skipped"; each skipped test stands before it with its reason.
set -euo pipefail
# shellcheck source=eng/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
interp_setup

cd "$INTERP_ROOT"
results="$INTERP_ROOT/TestResults"
rm -rf "$results"
mkdir -p "$results"
configuration="${INTERP_CONFIGURATION:-Release}"

echo "building ($configuration) ..."
if ! dotnet build Interp.sln -c "$configuration" -nologo -v q "-clp:ErrorsOnly;NoSummary"; then
  echo "the build failed; no test ran"
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi

# outcome, name and (for a skipped test) reason of each result in a trx file, tab-separated
results_of() {
  awk 'BEGIN { RS = "<UnitTestResult " }
    NR > 1 {
      outcome = name = reason = ""
      if (match($0, /outcome="[^"]*"/)) outcome = substr($0, RSTART + 9, RLENGTH - 10)
      if (match($0, /testName="[^"]*"/)) name = substr($0, RSTART + 10, RLENGTH - 11)
      sub(/<\/UnitTestResult>.*/, "")
      if (match($0, /<(Message|StdOut)>[^<]*/)) { reason = substr($0, RSTART, RLENGTH); sub(/^<[A-Za-z]*>/, "", reason) }
      gsub(/[\t\r\n]+/, " ", reason)
      printf "%s\t%s\t%s\n", outcome, name, reason
    }' "$1" | sed "s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&#39;/'/g; s/&apos;/'/g; s/&#xD;//g; s/&#xA;/ /g; s/&amp;/\&/g"
}

status=0 passed=0 failed=0 skipped=0
: > "$results/skipped.txt"
: > "$results/failed.txt"
while read -r project; do
  name="$(basename "$project" .csproj)"
  echo "== $name"
  code=0
  dotnet test "$project" -c "$configuration" --no-build -nologo --logger "console;verbosity=minimal" \
    --logger "trx;LogFileName=$name.trx" --results-directory "$results" "$@" < /dev/null > "$results/$name.log" 2>&1 || code=$?
  [ "$code" -eq 0 ] || { status=1; cat "$results/$name.log"; }
  f=0
  if [ -f "$results/$name.trx" ]; then
    results_of "$results/$name.trx" > "$results/$name.tsv"
    p="$(grep -c $'^Passed\t' "$results/$name.tsv" || true)"
    f="$(grep -c $'^Failed\t' "$results/$name.tsv" || true)"
    s="$(grep -c $'^NotExecuted\t' "$results/$name.tsv" || true)"
    echo "   $p passed, $f failed, $s skipped"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    { grep $'^NotExecuted\t' "$results/$name.tsv" || true; } | cut -f2,3 >> "$results/skipped.txt"
    { grep $'^Failed\t' "$results/$name.tsv" || true; } | cut -f2 >> "$results/failed.txt"
  fi
  # a run that died, rather than a test that failed
  if [ "$code" -ne 0 ] && [ "$f" -eq 0 ]; then
    failed=$((failed + 1))
    echo "$name: the run ended with exit code $code" >> "$results/failed.txt"
  fi
done < <(dotnet sln Interp.sln list | tr '\\' '/' | grep '^tests/.*\.csproj$')

echo
while IFS=$'\t' read -r test reason; do echo "skipped: $test: $reason"; done < "$results/skipped.txt"
while read -r test; do echo "FAILED:  $test"; done < "$results/failed.txt"
# nothing ran: only a filter may ask for that
if [ $((passed + failed + skipped)) -eq 0 ] && [ $# -eq 0 ]; then
  echo "no test ran"
  status=1
fi
[ "$failed" -eq 0 ] || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
