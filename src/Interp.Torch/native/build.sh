#!/usr/bin/env bash
# Builds the shim for this machine's system libtorch into FOLDER/<rid>/native, under the name that ShimBuilder looks for in a package.
#   bash native/build.sh FOLDER
# Nothing is built where there is no such libtorch or no compiler, or where the file is there already.
set -euo pipefail
folder="$(realpath -m "$1")"
cd "$(dirname "${BASH_SOURCE[0]}")"

case "$(uname -m)" in
  x86_64) rid=linux-x64 lib=/usr/lib/x86_64-linux-gnu ;;
  aarch64) rid=linux-arm64 lib=/usr/lib/aarch64-linux-gnu ;;
  *) echo "no package carries a shim for $(uname -m)"; exit 0 ;;
esac
header=/usr/include/torch/csrc/api/include/torch/version.h
compiler="${CXX:-g++}"
if [ ! -e "$lib/libtorch_cpu.so" ] || [ ! -e "$header" ] || ! command -v "$compiler" > /dev/null; then
  echo "no libtorch-dev or no C++ compiler here: the package carries no built shim, users build theirs at first use"
  exit 0
fi

part() { sed -n "s/#define TORCH_VERSION_$1 \([0-9]*\)/\1/p" "$header"; }
version="$(part MAJOR).$(part MINOR).$(part PATCH)"
cuda=cpu; [ ! -e "$lib/libtorch_cuda.so" ] || cuda=cuda
abi=1; grep -q _ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx11 "$lib/libc10.so" || abi=0
standard=c++17; printf '2.10\n%s\n' "$version" | sort -VC && standard=c++20
sources() { LC_ALL=C ls -1 -- *.cpp *.h | LC_ALL=C sort; }
hash="$(sources | while read -r name; do printf '\n%s\n' "$name"; cat "$name"; done | sha256sum | cut -c1-12)"
target="$folder/$rid/native/libinterp_torch-$version-abi$abi-$cuda-$hash.so"

if [ ! -e "$target" ]; then
  mkdir -p "$(dirname "$target")"
  rm -f "$(dirname "$target")"/libinterp_torch-*
  libraries=()
  for name in torch torch_cpu torch_cuda c10 c10_cuda; do
    [ ! -e "$lib/lib$name.so" ] || libraries+=("$lib/lib$name.so")
  done
  echo "building the shim for libtorch $version ($lib), about 20 s ..."
  # no rpath: the system's loader finds the system's libtorch
  "$compiler" "-std=$standard" -O2 -fPIC -shared -fvisibility=hidden -w "-D_GLIBCXX_USE_CXX11_ABI=$abi" -I/usr/include \
    -I/usr/include/torch/csrc/api/include all.cpp -o "$target.$$" -Wl,--no-as-needed "${libraries[@]}" -Wl,--strip-all
  mv "$target.$$" "$target"
fi
echo "shim: ${target##*/}"
