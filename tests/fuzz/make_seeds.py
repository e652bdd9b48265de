#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes the packet vectors of tests/wire as a seed corpus: one file per frame.

Usage: make_seeds.py VECTORS FOLDER [SCRIPT_BYTES]. With SCRIPT_BYTES each frame is followed by so many bytes, some times
over: what the differential target makes a virtual router of.
"""
import pathlib
import random
import sys


def main():
    vectors, folder = map(pathlib.Path, sys.argv[1:3])
    script_bytes = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    scripts = random.Random(20260822)
    folder.mkdir(parents=True, exist_ok=True)
    for line in vectors.read_text(encoding="ascii").splitlines():
        if line.startswith("#"):
            continue
        name, _, _, frame = (column.strip() for column in line.split("|"))
        for variant in range(4 if script_bytes else 1):
            content = bytes.fromhex(frame) + scripts.randbytes(script_bytes)
            (folder / f"{name}.{variant}").write_bytes(content)


if __name__ == "__main__":
    main()
