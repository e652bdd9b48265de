# SPDX-License-Identifier: BSD-2-Clause
"""The man pages and --help list the same commands and options."""

import re
import subprocess

from conftest import ROOT, XVRRPD, run_vrrpctl

PAGE = (ROOT / "docs/man/vrrpctl.8.md").read_text()


def help_of(*arguments):
    return run_vrrpctl(*arguments, "--help").stdout


def options(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", text)) - {"--help"}


def commands(*under):
    """Those that do something: "load", "trace record"."""
    _options, _heading, listed = help_of(*under).partition("Subcommands:")
    found = [[*under, name] for name in re.findall(r"^  ([\w-]+) ", listed, re.M)]
    return [command for names in found for command in commands(*names)] or [" ".join(under)]


def section(title):
    """From a heading to the next one of any level. A heading may name several commands."""
    found = re.search(rf"^#+ (?:[\w-]+, )*{title}(?:, [\w-]+)*\n(.*?)(?=^#|\Z)", PAGE, re.M | re.S)
    assert found, f"no section {title!r}"
    return found[1]


def test_global_options():
    assert options(section("OPTIONS")) == options(help_of().split("Subcommands:")[0].split("Options:")[1])


def test_every_command_with_its_options():
    assert {"load", "unload", "status", "stats", "watch", "capture", "reload", "handover", "drain", "check", "doctor",
            "completion"} < set(commands())
    for command in commands():
        listed = re.findall(r"^  (?:-\w,)?(--[a-z0-9-]+)", help_of(*command.split()), re.M)
        described = re.findall(r"^\*\*(--[a-z0-9-]+)\*\*", section(command), re.M)
        assert set(described) == set(listed) - {"--help"}, command


def test_nothing_else_is_described():
    headings = re.findall(r"^### (.+)$", PAGE, re.M)
    assert [command for heading in headings for command in heading.split(", ")] == commands()


def test_every_exit_code():
    assert re.findall(r"^\*\*(\d)\*\*", section("EXIT STATUS"), re.M) == [str(code) for code in range(7)]


def test_every_option_of_xvrrpd():
    shown = subprocess.run([XVRRPD, "--help"], capture_output=True, text=True, timeout=10).stdout
    listed = re.findall(r"^  (?:(-\w),)?(--[a-z0-9-]+)", shown, re.M)
    page = (ROOT / "docs/man/xvrrpd.8.md").read_text()
    terms = [line for line in re.search(r"^## OPTIONS\n(.*?)^## ", page, re.M | re.S)[1].splitlines()
             if line.startswith("`-")]
    described = {word for term in terms for word in re.findall(r"`(--?[a-z0-9-]+)`", term)}
    assert described == {word for names in listed for word in names if word}
