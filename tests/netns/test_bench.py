# SPDX-License-Identifier: BSD-2-Clause
"""scripts/bench measures, and what it writes can be read. How fast anything is, is not judged here."""

import json
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as xml

import pytest

from lab.routers import XvrrpRouter

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def bench(*arguments):
    return subprocess.run(["/usr/bin/python3", "-B", "-m", "measure", *arguments], capture_output=True, text=True,
                          timeout=150, env={**os.environ, "PYTHONPATH": str(REPOSITORY / "scripts"),
                                            "XVRRP_BIN_DIR": str(XvrrpRouter.binaries)})


def measured(tmp_path, *arguments):
    """The record, and what was printed."""
    file = tmp_path / "record.json"
    done = bench("--no-build", "--quick", "--contender", "xvrrp", "--json", str(file), *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(file.read_text()), done.stdout


@pytest.fixture(autouse=True)
def tools(xvrrpd):
    if not (XvrrpRouter.binaries / "xvrrp_masters").exists():
        pytest.skip("xvrrp_masters is not built")


@pytest.mark.seconds(180)
def test_takeovers_are_measured(tmp_path):
    record, printed = measured(tmp_path, "--scenario", "takeover", "--case", "10 ms, idle")
    assert record["schema"] == 1
    assert record["quick"] is True
    assert record["failures"] == []
    assert record["machine"]["kernel"] == os.uname().release
    late, announced = record["scenarios"]["takeover"]["figures"]
    assert (late["case"], late["what"], late["unit"]) == ("10 ms, idle", "first advert late", "ms")
    for figure in (late, announced):
        [(contender, part)] = figure["by"].items()
        assert contender == "xvrrp"
        assert part["count"] == 40, "a takeover was not seen"
        assert part["p50"] <= part["p99"] <= part["p999"] <= part["max"]
        assert (part["curve"][0], part["curve"][-1]) <= (part["p50"], part["max"])
    assert late["by"]["xvrrp"]["curve"][0] > 0, "an advert before Master_Down_Interval"
    # What is shown of a record is the same, whenever.
    again = bench("--from", str(tmp_path / "record.json"))
    assert again.returncode == 0, again.stderr
    assert again.stdout == printed


@pytest.mark.seconds(180)
def test_many_virtual_routers_on_several_lans(tmp_path):
    record, _printed = measured(tmp_path, "--scenario", "mass", "--case", "50 VRs x 10 addresses")
    every, last, announced = record["scenarios"]["mass"]["figures"]
    assert every["by"]["xvrrp"]["count"] == 4 * 50
    assert last["by"]["xvrrp"]["count"] == announced["by"]["xvrrp"]["count"] == 4
    assert announced["by"]["xvrrp"]["max"] >= last["by"]["xvrrp"]["p50"]


def test_a_record_of_another_schema_is_refused(tmp_path):
    file = tmp_path / "record.json"
    file.write_text('{"schema": 0}')
    done = bench("--from", str(file))
    assert done.returncode == 2
    assert "schema 1" in done.stderr
    assert "Traceback" not in done.stderr


def test_plots_are_drawn():
    sys.path.insert(0, str(REPOSITORY / "scripts"))
    from measure import plots
    from measure.bench import distribution, value
    figures = [distribution(f"10 ms, {state}", "first advert late", "ms",
                            {"xvrrp": [0.1, 0.2], "keepalived": [1.0, 30.0]}) for state in ("idle", "busy")]
    costs = [value(f"{count} VRs, 10 ms, {role}", "daemon's CPU", "%", {"xvrrp": 0, "keepalived": count / 10})
             for count in (1, 250) for role in ("Backup", "Master")]
    drawn = plots.draw({"scenarios": {"takeover": {"figures": figures}, "cost": {"figures": costs}}})
    assert set(drawn) == {"takeover", "cpu"}  # nothing was measured for the third
    for text in drawn.values():
        names = [element.text for element in xml.fromstring(text).iter() if element.tag.endswith("text")]
        assert {name.partition(",")[0] for name in names} >= {"xvrrp", "keepalived"}
