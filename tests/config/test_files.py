# SPDX-License-Identifier: BSD-2-Clause
"""Configurations in the shapes that are met, each with what is made of it beside it: NAME.conf, and in NAME.json what
`vrrpctl check --explain --json` says. `test_files.py --write` writes those that have changed; look at the difference.

A first line "! config-id: ID" is the ID that the file is read with; else it is "left". Files in a directory are included ones.
"""

import json
import pathlib
import re
import sys

import pytest

from reading import check_file

FILES = pathlib.Path(__file__).parent / "files"
NAMES = sorted(file.stem for file in FILES.glob("*.conf"))


def said_about(name):
    config_id = re.match(r"! config-id: (\S+)", (FILES / f"{name}.conf").read_text())
    return check_file(f"{name}.conf", "--explain", "-i", config_id[1] if config_id else "left", directory=FILES)


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_read_as_expected(name):
    assert said_about(name) == json.loads((FILES / f"{name}.json").read_text())


def test_there_are_enough():
    assert len(NAMES) >= 60
    assert sorted(file.stem for file in FILES.glob("*.json")) == NAMES


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    for each in NAMES:
        (FILES / f"{each}.json").write_text(json.dumps(said_about(each), indent=1) + "\n")
