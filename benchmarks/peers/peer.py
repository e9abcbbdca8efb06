"""What the peer scripts share: naming the BLAS and its kernel, timing, and the JSON that Interp's `peers` writes too.

    python3 SCRIPT.py --check                 says which libraries answer, or ends with 1
    python3 SCRIPT.py --json FILE             times every piece of work and writes FILE; --only WORK, --rounds N
    python3 SCRIPT.py --serve                 answers each line WORK with the milliseconds that it took (Interp asks turn by turn)
"""
import argparse
import ctypes
import json
import os
import platform
import sys
import time

SCHEMA = 1
LAYERS, WIDTH, HEADS, HIDDEN, VOCABULARY, CONTEXT = 12, 768, 12, 3072, 50257, 1024
HEAD = WIDTH // HEADS
PROMPTS, POSITIONS = 8, 15
SWEPT = (0, 5, 10)  # layers of the sweep
DICTIONARY, CHOSEN, ROWS = 24576, 32, 2048

FORWARD_8, FORWARD_1 = "forward 8x64", "forward 1x64"
CAPTURE = "capture streams 8x64"
SWEEP, SWEEP_BATCHED = "sweep stream 45 patches, a forward each", "sweep stream 45 patches, batched by hand"
ATTRIBUTION = "attribution 144 heads 8x15"
LENS = "logit lens 13 streams 8x15"
GENERATE = "generate 32 tokens after 16"
DICTIONARY_STEP = "TopK step 2048x768x24576"


def blas():
    """Name and kernel of the BLAS that this process has loaded."""
    with open("/proc/self/maps") as maps:
        files = sorted({line[line.index("/"):].strip() for line in maps if ".so" in line and "/" in line})
    for path in files:
        if os.path.basename(path).startswith("libopenblas"):
            library = ctypes.CDLL(path)
            answers = []
            for name in ("openblas_get_config", "openblas_get_corename"):
                function = getattr(library, name)
                function.restype = ctypes.c_char_p
                answers.append(function().decode())
            version = answers[0].split()[1] if answers[0].startswith("OpenBLAS") else ""
            return f"OpenBLAS {version}", answers[1]
    if any("mkl" in os.path.basename(path) for path in files):
        return "MKL", ""
    return "the reference BLAS or libtorch's own", ""


def processor():
    try:
        with open("/proc/cpuinfo") as info:
            return next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def main(name, version, work, rounds=None):
    """work: {name: a function without arguments}; each is run once before it is timed."""
    import torch

    arguments = argparse.ArgumentParser()
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("--serve", action="store_true")
    arguments.add_argument("--json")
    arguments.add_argument("--only")
    arguments.add_argument("--rounds", type=int)
    given = arguments.parse_args()
    torch.set_num_threads(min(2, os.cpu_count()))
    torch.ones(64, 64) @ torch.ones(64, 64)  # loads the BLAS
    library, kernel = blas()
    preset = os.environ.get("OPENBLAS_CORETYPE") or None
    if preset:
        print(f"OPENBLAS_CORETYPE={preset} holds OpenBLAS to that kernel: unset it before measuring.", file=sys.stderr)
    report = dict(
        schema=SCHEMA, peer=name, version=version, torch=torch.__version__, blas=library, kernel=kernel, preset=preset,
        threads=torch.get_num_threads(), processors=os.cpu_count(), processor=processor(), results=[])
    if given.check:
        print(f"{name} {version}, torch {torch.__version__}, {library}, kernel {kernel}")
        return
    if given.serve:
        print(json.dumps(report | dict(works=list(work))), flush=True)
        for line in sys.stdin:
            print(timed(work[line.rstrip("\n")]), flush=True)
        return
    for item, function in work.items():
        if given.only and given.only not in item:
            continue
        function()
        times = [timed(function) for _ in range(given.rounds or (rounds or {}).get(item, 5))]
        report["results"].append(dict(work=item, milliseconds=times, median=median(times)))
        print(f"{item}: {median(times):.1f} ms, {len(times)} rounds", file=sys.stderr, flush=True)
    text = json.dumps(report, indent=2)
    if given.json:
        with open(given.json, "w") as file:
            file.write(text + "\n")
    else:
        print(text)


def timed(function):
    start = time.perf_counter()
    result = function()
    elapsed = time.perf_counter() - start
    del result
    return 1e3 * elapsed


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
