# SPDX-License-Identifier: BSD-2-Clause
"""completion: a real bash completes every command and option that --help has."""

import os
import re
import subprocess

import pytest

from conftest import BIN, run_vrrpctl

_DRIVER = """source <(vrrpctl completion bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_vrrpctl
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(*words):
    """What bash offers for the last word."""
    done = subprocess.run(["bash", "-c", _DRIVER, "bash", "vrrpctl", *words], capture_output=True, text=True, timeout=10,
                          env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"})
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


def commands():
    return re.findall(r"^  (\w+) ", run_vrrpctl("--help").stdout.split("Subcommands:")[1], re.M)


def options_of(*command):
    """With those of the commands below."""
    shown, _heading, below = run_vrrpctl(*command, "--help").stdout.partition("Subcommands:")
    found = set(re.findall(r"^  (?:-\w,)?(--[a-z0-9-]+)", shown, re.M))
    return found.union(*(options_of(*command, name) for name in re.findall(r"^  ([\w-]+) ", below, re.M)))


def test_commands():
    assert set(commands()) < completed("")
    assert completed("und") == {"undrain"}


def test_options():
    for command in commands():
        listed = options_of(command)
        assert completed(command, "--") == listed, command


def test_commands_of_a_command():
    assert {"record", "replay"} <= completed("trace", "re") and "--quiet" in completed("trace", "replay", "--")


def test_a_value_is_no_command():
    assert "--explain" in completed("--instance", "load", "check", "--")
    assert completed("--instance", "") == set()
    assert completed("capture", "-w", "") == set()  # bash then offers files


def test_names():
    assert "lo" in completed("watch", "")
    assert completed("completion", "z") == {"zsh"}


def test_names_of_running_routers(host, tmp_path):
    """The script asks the default instance; what it does with the answer is the same for any."""
    host.start_xvrrpd(tmp_path)
    script = run_vrrpctl("completion", "bash").stdout
    listing = re.search(r"^  drain\) .*?\$\((.*)\)\" ;;$", script, re.M)[1]
    listing = listing.replace("vrrpctl", f"{BIN}/vrrpctl --instance {host.instance}")
    assert subprocess.run(["bash", "-c", listing], capture_output=True, text=True, timeout=10).stdout == "VI_1\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_reads_it(shell):
    script = run_vrrpctl("completion", shell).stdout
    done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, timeout=10)
    assert (done.returncode, done.stderr) == (0, "")
    for command in commands():
        assert command in script
