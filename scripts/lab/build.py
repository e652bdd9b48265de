# SPDX-License-Identifier: BSD-2-Clause
"""Configures and builds a CMake preset; what the compiler says is shown only when it fails."""

import fcntl
import pathlib
import sys

from .sessions import run_session

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


class BuildFailed(Exception):
    pass


def build(preset, progress, targets=()):
    """Returns the directory of the build: of everything, or of these targets. Two builds of one preset at a time wait
    for each other."""
    directory = REPOSITORY / "build"
    directory.mkdir(exist_ok=True)
    log = directory / f"{preset}.log"
    chosen = ["--target", *targets] if targets else []
    with open(directory / f"{preset}.lock", "w") as lock, progress.waiting(f"building, preset {preset}", plain=True):
        fcntl.flock(lock, fcntl.LOCK_EX)
        with open(log, "wb") as output:
            for step in (["cmake", "--preset", preset], ["cmake", "--build", "--preset", preset, *chosen]):
                if run_session(step, cwd=REPOSITORY, stdout=output, stderr=output) != 0:
                    break
            else:
                return directory / preset
    sys.stderr.write("\n".join(log.read_text(errors="replace").splitlines()[-60:]) + "\n")
    raise BuildFailed(f"the build failed; its last lines are above, all of them in {log}")
