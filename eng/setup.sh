#!/usr/bin/env bash
# Sets up what Interp needs and this machine lacks; says nothing when all is there.
#   bash eng/setup.sh            install what is missing (Debian/Ubuntu), or print what to install (elsewhere)
#   bash eng/setup.sh --check    only say what is missing; exit code 1 when something is
# The other scripts source it: afterwards `dotnet` is on the PATH.
set -euo pipefail

INTERP_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
INTERP_SDK_CHANNEL=10.0

say() { printf '%s\n' "$*" >&2; }

# --- what is there ---------------------------------------------------------------------------------------------------

has_sdk() { command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -q '^1[0-9]\.'; }

# A libtorch that is not the system's: INTERP_LIBTORCH names its folder, or Python's torch brings one.
has_own_libtorch() {
  [ -n "${INTERP_LIBTORCH:-}" ] && return 0
  command -v python3 >/dev/null &&
    python3 -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)' >/dev/null 2>&1
}

has_system_libtorch() {
  [ -e /usr/include/torch/csrc/api/include/torch/torch.h ] && compgen -G '/usr/lib/*/libtorch_cpu.so' >/dev/null
}

# Which file answers as libblas.so.3, the BLAS of Debian's libtorch.
blas_in_use() { readlink -f "$(compgen -G '/usr/lib/*/libblas.so.3' | head -1)" 2>/dev/null || true; }

installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# The missing Debian packages, one a line.
missing_packages() {
  command -v g++ >/dev/null || echo g++
  command -v cmake >/dev/null || echo cmake
  # cmake's default generator needs it; g++ alone does not bring it
  command -v make >/dev/null || command -v ninja >/dev/null || echo make
  has_own_libtorch && return 0
  has_system_libtorch || echo libtorch-dev
  [[ "$(blas_in_use)" == *openblas* ]] || installed libopenblas0-openmp || echo libopenblas0-openmp
}

warn_blas() {
  has_own_libtorch && return 0
  case "$(blas_in_use)" in
    *openblas-openmp*) ;;
    *openblas-pthread*)
      say "warning: libblas.so.3 is OpenBLAS with its own threads, which fight libtorch's (up to 4 times slower)."
      say "         Install libopenblas0-openmp and choose it: update-alternatives --config libblas.so.3-$(uname -m)-linux-gnu" ;;
    *)
      say "warning: libblas.so.3 is $(blas_in_use), some 50 times slower than OpenBLAS."
      say "         Install libopenblas0-openmp, or choose it: update-alternatives --config libblas.so.3-$(uname -m)-linux-gnu" ;;
  esac
}

# --- how to get it ---------------------------------------------------------------------------------------------------

is_debian() { command -v apt-get >/dev/null && grep -qiE '^(ID|ID_LIKE)=.*(debian|ubuntu)' /etc/os-release 2>/dev/null; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

can_be_root() { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }

install_sdk() {
  if apt-cache show "dotnet-sdk-$INTERP_SDK_CHANNEL" >/dev/null 2>&1; then
    say "setup: installing the .NET SDK (apt: dotnet-sdk-$INTERP_SDK_CHANNEL)"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q "dotnet-sdk-$INTERP_SDK_CHANNEL" >&2
    return
  fi
  say "setup: this system's packages have no .NET $INTERP_SDK_CHANNEL SDK; installing Microsoft's into $HOME/.dotnet (https://dot.net/v1/dotnet-install.sh)"
  command -v curl >/dev/null || as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q curl ca-certificates >&2
  local script; script="$(mktemp)"
  curl -fsSL https://dot.net/v1/dotnet-install.sh -o "$script"
  bash "$script" --channel "$INTERP_SDK_CHANNEL" --install-dir "$HOME/.dotnet" >&2
  rm -f "$script"
}

print_what_to_install() { # $1: missing packages, $2: whether the SDK is missing
  say "Interp needs the following, and this machine lacks it:"
  local p
  for p in $1; do
    case "$p" in
      g++) say "  g++                 a C++17 compiler (Fedora: gcc-c++, Arch: gcc, macOS: Xcode command line tools)" ;;
      cmake) say "  cmake               3.18 or later" ;;
      make) say "  make                or ninja" ;;
      libtorch-dev) say "  libtorch            1.13 or later: 'pip install torch', or https://pytorch.org (LibTorch, C++) unpacked;"
                    say "                      set INTERP_LIBTORCH to its folder (the one that holds lib/ and include/)" ;;
      libopenblas0-openmp) say "  OpenBLAS, OpenMP    as libblas.so.3 (only where libtorch takes the system's BLAS)" ;;
    esac
  done
  [ "$2" = no ] || say "  .NET SDK $INTERP_SDK_CHANNEL       https://dotnet.microsoft.com/download/dotnet/$INTERP_SDK_CHANNEL"
  if is_debian; then say "As root: apt-get install ${1//$'\n'/ }"; fi
}

# --- the set-up ------------------------------------------------------------------------------------------------------

interp_setup() {
  # an SDK that an earlier set-up put into the home folder
  if ! has_sdk && [ -x "$HOME/.dotnet/dotnet" ]; then export DOTNET_ROOT="$HOME/.dotnet" PATH="$HOME/.dotnet:$PATH"; fi

  local packages sdk=no
  packages="$(missing_packages)"
  has_sdk || sdk=missing

  if [ -n "$packages" ] || [ "$sdk" = missing ]; then
    if [ "${1:-}" = --check ] || ! is_debian || ! can_be_root; then
      print_what_to_install "$packages" "$sdk"
      return 1
    fi
    say "setup: missing on this machine: ${packages//$'\n'/ }$([ "$sdk" = no ] || echo " .NET-SDK-$INTERP_SDK_CHANNEL")"
    as_root apt-get update -q >&2
    if [ -n "$packages" ]; then
      say "setup: installing with apt: ${packages//$'\n'/ }"
      # shellcheck disable=SC2086
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages >&2
    fi
    if [ "$sdk" = missing ]; then
      install_sdk
      if ! has_sdk; then export DOTNET_ROOT="$HOME/.dotnet" PATH="$HOME/.dotnet:$PATH"; fi
    fi
    packages="$(missing_packages)"
    if [ -n "$packages" ] || ! has_sdk; then
      print_what_to_install "$packages" "$(has_sdk && echo no || echo missing)"
      return 1
    fi
    say "setup: done"
  fi

  warn_blas
  export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
  # The SDK refuses to start without ICU unless told that it may.
  if ! compgen -G '/usr/lib/*/libicuuc.so*' >/dev/null; then export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1; fi
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then interp_setup "$@"; fi
