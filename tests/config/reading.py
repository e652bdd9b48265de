# SPDX-License-Identifier: BSD-2-Clause
"""What vrrpctl check says about a file."""

import json
import os
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("XVRRP_BIN_DIR", ROOT / "build/dev/bin"))
# A network namespace without interfaces, so that what is said depends on the file alone.
NOWHERE = ("unshare", "--user", "--map-root-user", "--net")


def check_file(name, *options, directory=None):
    done = subprocess.run([*NOWHERE, BIN / "vrrpctl", "check", name, "--json", *options], cwd=directory,
                          capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def check(text):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(text)
        file.flush()
        return check_file(file.name)
