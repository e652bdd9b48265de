# SPDX-License-Identifier: BSD-2-Clause
"""The command line: what is not allowed gets exit 2 and a sentence that says what is."""

import subprocess

import pytest

from conftest import VRRPCTL, refused, run_vrrpctl


@pytest.mark.parametrize("arguments, words", [
    ([], ["subcommand is required"]),
    (["explode"], ['"explode" is neither an option nor one of load, unload, status']),
    ([""], ['"" is neither']),
    (["--explode"], ['"--explode" is neither']),
    (["load"], ["IF is required"]),
    (["load", "eth0", "eth1"], ["eth1"]),
    (["load", ""], ["name is missing"]),
    (["load", "eth0", "--vrid", "0"], ["--vrid", '"0"', "1 to 255"]),
    (["load", "eth0", "--vrid", "256"], ["--vrid", '"256"', "1 to 255"]),
    (["load", "eth0", "--vrid", "-1"], ["--vrid"]),
    (["load", "eth0", "--vrid", "0x33"], ["--vrid", '"0x33"', "1 to 255"]),
    (["load", "eth0", "--vrid", "51 "], ["--vrid", '"51 "', "1 to 255"]),
    (["load", "eth0", "--vrid"], ["--vrid"]),
    (["load", "eth0", "--mode", "hw"], ["--mode", '"hw"', "auto, native, skb"]),
    (["load", "eth0", "--no-feature", "warp"], ["--no-feature", '"warp"', "bpf_timer"]),
    (["unload"], ["IF is required"]),
    (["status", "--yaml"], ["--yaml"]),
    (["watch"], ["IF is required"]),
    (["watch", "eth0", "--interval", "0"], ["--interval", '"0"', "0.1 to 3600"]),
    (["watch", "eth0", "--interval", "nan"], ["--interval", '"nan"', "0.1 to 3600"]),
    (["watch", "eth0", "--interval", "inf"], ["--interval", '"inf"', "0.1 to 3600"]),
    (["watch", "eth0", "--interval", "1s"], ["--interval", '"1s"', "0.1 to 3600"]),
    (["watch", "eth0", "--count", "0"], ["--count", '"0"', "1 to 1000000000"]),
    (["watch", "eth0", "--count", "1.5"], ["--count", '"1.5"', "1 to 1000000000"]),
    (["features", "--no-feature", "warp"], ["--no-feature", '"warp"', "bpf_timer"]),
    (["check"], ["FILE is required"]),
    (["--instance", "a/b", "stats"], ["--instance", '"a/b"', "1 to 32 characters"]),
    (["--instance", "..", "stats"], ["--instance", '".."', "1 to 32 characters"]),
    (["--instance", "", "stats"], ["--instance"]),
    (["stats", "--instance", "x" * 33], ["--instance", "1 to 32 characters"]),
], ids=" ".join)
def test_bad_command_line(arguments, words):
    refused(run_vrrpctl(*arguments), 2, *words)


def test_version():
    done = run_vrrpctl("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("vrrpctl ")


def test_help_goes_to_stdout():
    for arguments in (["--help"], ["-h"], ["watch", "--help"]):
        done = run_vrrpctl(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert "Usage: vrrpctl" in done.stdout


def test_leading_zeros_are_decimal():
    """010 is ten, or it would be 8 for a reader of C."""
    line = refused(run_vrrpctl("load", "no-such-if", "--vrid", "010"), 1)
    assert "no-such-if" in line


def test_output_that_cannot_be_written():
    with open("/dev/full", "w") as full:
        done = subprocess.run([VRRPCTL, "features"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=10)
    assert done.returncode == 1
    assert done.stderr == "vrrpctl: writing to standard output: No space left on device\n"
