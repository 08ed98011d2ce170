"""Compiles Python files so that the same ones give the same bytes; run in a process of its own, which has loaded
nothing else: `python -s -S -P compiling.py`. Each line of its input: source, result and name, with tabs between.
"""

import py_compile
import sys
from typing import TextIO


def compile_all(lines: TextIO) -> int:
    """How many were compiled. One that is no Python of this version is left out: nobody could import it either."""
    done = 0
    for line in lines:
        source, result, name = line.rstrip("\n").split("\t")
        try:
            # The hash is not compared with the source when it is imported: the start of the file compares both.
            py_compile.compile(
                source, result, name, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
            )
        except py_compile.PyCompileError:
            continue
        done += 1
    return done


if __name__ == "__main__":
    sys.stdout.write(f"{compile_all(sys.stdin)}\n")
