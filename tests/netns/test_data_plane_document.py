# SPDX-License-Identifier: BSD-2-Clause
"""docs/data-plane.md names the maps and fields that are there."""

import json
import re
import subprocess

import pytest

from conftest import REPOSITORY
from lab import configs
from lab.routers import XvrrpRouter
from lab.run import PINS
from lab.staging import staged
from lab.timers import Timers

DOCUMENT = (REPOSITORY / "docs/data-plane.md").read_text()
NAMES = (REPOSITORY / "include/xvrrp/abi/names.h").read_text()
# The kernel has no BTF for what these hold.
WITHOUT_BTF = {"capture", "events", "inventory"}
# Only user space knows it.
APART = {"inventory"}
ATTACHED = ("link_", "guard_", "filter_", "xvrrp_")


def bpftool(*arguments):
    done = subprocess.run(["bpftool", "--json", *arguments], capture_output=True, text=True, timeout=30, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def pins(module_run, xvrrpd):
    with staged(module_run, (XvrrpRouter, XvrrpRouter), configs.guide, Timers(2, 1000)) as stage:
        stage.begin()
        stage.settle()
        yield [PINS / router.namespace.name for router in stage.routers.values()]


def maps_of(directory):
    return {path.name for path in directory.iterdir() if not path.name.startswith(ATTACHED)}


def documented():
    """By map: the words before a colon in its dump."""
    inside = DOCUMENT.split("## A look inside")[1]
    sections = re.split(r"^### (\w+)$", inside, flags=re.M)[1:]
    return {name: set(re.findall(r'"(\w+)":', text)) for name, text in zip(sections[::2], sections[1::2])}


def fields(value):
    """Every key in a value of JSON, at whatever depth."""
    if isinstance(value, list):
        return set().union(*map(fields, value)) if value else set()
    return set(value).union(*map(fields, value.values())) if isinstance(value, dict) else set()


def test_maps(pins):
    for directory in pins:
        assert maps_of(directory) - APART == set(documented()) == set(re.findall(r'XV_MAP_\w+ "(\w+)"', NAMES))
    table = re.findall(r"^\| `(\w+)` \| [^|]*\| [^|]*\| [^|]*\|$", DOCUMENT, re.M)
    assert set(documented()) | APART <= set(table)


def test_names_are_whole_and_have_types(pins):
    for directory in pins:
        for name in maps_of(directory):
            shown = bpftool("map", "show", "pinned", str(directory / name))
            assert shown["name"] == name
            assert ("btf_id" in shown) or name in WITHOUT_BTF, name
        for program in directory.glob("xvrrp_*"):
            shown = bpftool("prog", "show", "pinned", str(program))
            assert shown["name"] == program.name and "btf_id" in shown


def typed(path):
    """Every member of a map's types, whether or not it has entries now."""
    types = {one["id"]: one for one in
             bpftool("btf", "dump", "id", str(bpftool("map", "show", "pinned", str(path))["btf_id"]))["types"]}
    names, left = {"key", "value"}, [one["id"] for one in
                                     bpftool("btf", "dump", "map", "pinned", str(path), "kv")["types"]]
    while left:
        one = types.get(left.pop(), {})
        left += [one["type_id"]] if "type_id" in one else []
        for member in one.get("members", []):
            names.add(member["name"])
            left.append(member["type_id"])
    return names


@pytest.mark.parametrize("name", sorted(set(documented()) - WITHOUT_BTF))
def test_fields(pins, name):
    for directory in pins:
        real = typed(directory / name)
        for entry in bpftool("map", "dump", "pinned", str(directory / name)):
            real |= fields(entry.get("formatted", entry))
        shown = documented()[name] - {"cpu"}
        assert shown <= real, shown - real
