"""`import smartlic` in fresh interpreters, beside ones that import nothing. Prints JSON: milliseconds, the best."""

from __future__ import annotations

import json
import subprocess
import sys
import time

TURNS = 15


def seconds(statement: str) -> float:
    """One interpreter's whole life."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - begun


def main() -> None:
    """Measure, and print."""
    pairs = [(seconds("import smartlic"), seconds("pass")) for _ in range(TURNS)]
    with_it, bare = (min(each) for each in zip(*pairs, strict=True))
    print(json.dumps({"smartlic_ms": round(1000 * (with_it - bare), 2), "bare_ms": round(1000 * bare, 2)}))


if __name__ == "__main__":
    main()
