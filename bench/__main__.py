"""Runs the benchmarks: all by `python -m bench`, a part by `python -m bench live`.

A name runs every benchmark that begins with it, each in a process of its own. Figures
depend on the machine and on what else it does, so its description comes first, and nothing is
asserted: whoever reads them decides.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from bench.machine import print_machine

# Each module measures and prints when it is run: `python -m bench.store_bench`.
BENCHMARKS = {
    "frames": "bench.frames_bench",
    "live-start": "bench.live_start",
    "live-latency": "bench.live_latency",
    "live-bytes": "bench.live_bytes",
    "live-loop": "bench.live_loop",
    "peers": "bench.peers_bench",
    "server": "bench.server_bench",
    "store": "bench.store_bench",
    "yjs": "bench.yjs_bench",
    "automerge": "bench.automerge_bench",
}


def main() -> int:
    """Run the benchmarks named on the command line, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help=f"the beginning of a benchmark's name: {', '.join(BENCHMARKS)}",
    )
    names = parser.parse_args().names
    for name in names:
        if not any(known.startswith(name) for known in BENCHMARKS):
            parser.error(f"there is no benchmark {name!r}; there are {', '.join(BENCHMARKS)}")
    chosen = [known for known in BENCHMARKS if known.startswith(tuple(names) or "")]
    print_machine()
    failed = []
    for name in chosen:
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", BENCHMARKS[name]], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nnot measured, see above: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
