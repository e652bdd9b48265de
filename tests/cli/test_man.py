# SPDX-License-Identifier: BSD-2-Clause
"""The man page and --help list the same commands and options."""

import re

from conftest import ROOT, run_vrrpctl

PAGE = (ROOT / "docs/man/vrrpctl.8.md").read_text()


def help_of(*arguments):
    return run_vrrpctl(*arguments, "--help").stdout


def options(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", text)) - {"--help"}


def commands():
    return re.findall(r"^  ([\w-]+) ", help_of().split("Subcommands:")[1], re.M)


def section(title):
    """From a heading to the next one of any level. A heading may name several commands."""
    found = re.search(rf"^#+ (?:[\w-]+, )*{title}(?:, [\w-]+)*\n(.*?)(?=^#|\Z)", PAGE, re.M | re.S)
    assert found, f"no section {title!r}"
    return found[1]


def test_global_options():
    assert options(section("OPTIONS")) == options(help_of().split("Subcommands:")[0].split("Options:")[1])


def test_every_command_with_its_options():
    assert {"load", "unload", "status", "stats", "watch", "capture", "reload", "handover", "drain", "check"} < set(commands())
    for command in commands():
        listed = re.findall(r"^  (?:-\w,)?(--[a-z0-9-]+)", help_of(command), re.M)
        described = re.findall(r"^\*\*(--[a-z0-9-]+)\*\*", section(command), re.M)
        assert set(described) == set(listed) - {"--help"}, command


def test_nothing_else_is_described():
    headings = re.findall(r"^### (.+)$", PAGE, re.M)
    assert [command for heading in headings for command in heading.split(", ")] == commands()


def test_every_exit_code():
    assert re.findall(r"^\*\*(\d)\*\*", section("EXIT STATUS"), re.M) == [str(code) for code in range(7)]
