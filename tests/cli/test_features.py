# SPDX-License-Identifier: BSD-2-Clause
"""features: what the kernel has, and what happens where it lacks something."""

import json

import pytest

from conftest import refused, run_vrrpctl


def test_every_feature_is_here():
    done = run_vrrpctl("features")
    assert (done.returncode, done.stderr) == (0, "")
    title, *rows = done.stdout.splitlines()
    assert title.split()[:3] == ["FEATURE", "HERE", "SINCE"]
    assert {row.split()[0]: row.split()[1] for row in rows}["bpf_timer"] == "yes"


def test_json():
    done = run_vrrpctl("features", "--json")
    answer = json.loads(done.stdout)
    assert answer["schema"] == 1
    assert all(feature.keys() == {"name", "present", "required", "since", "needed_for", "without"}
               and feature["present"] and feature["required"] == (feature["without"] == "")
               for feature in answer["features"])
    assert {"name": "bpf_timer", "present": True, "required": False, "since": "5.15",
            "needed_for": "runs Master_Down_Timer in the kernel",
            "without": "the controller keeps Master_Down_Timer"} in answer["features"]


def features():
    return json.loads(run_vrrpctl("features", "--json").stdout)["features"]


@pytest.mark.parametrize("required, code", [(True, 5), (False, 0)])
def test_a_missing_one_is_named(required, code):
    """A failure only when xvrrp cannot do without."""
    for feature in features():
        if feature["required"] != required:
            continue
        done = run_vrrpctl("features", "--no-feature", feature["name"], "--json")
        missing = [one["name"] for one in json.loads(done.stdout)["features"] if not one["present"]]
        assert (done.returncode, missing) == (code, [feature["name"]])
        assert all(word in done.stderr for word in (feature["name"], feature["since"])) == required


def test_privilege():
    done = run_vrrpctl("features", prefix=["setpriv", "--bounding-set=-bpf,-sys_admin"])
    refused(done, 4, "CAP_BPF")
