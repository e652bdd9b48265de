# SPDX-License-Identifier: BSD-2-Clause
"""features: what the kernel has, and what happens where it lacks something."""

import json

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
    assert all(set(feature) == {"name", "present", "since", "needed_for", "required", "without"}
               and feature["required"] == (feature["without"] is None) for feature in answer["features"])
    assert all(feature["present"] for feature in answer["features"] if feature["required"])
    assert {"name": "bpf_timer", "present": True, "since": "5.15",
            "needed_for": "runs Master_Down_Timer in the kernel", "required": True,
            "without": None} in answer["features"]


def test_what_is_not_needed_may_be_missing():
    done = run_vrrpctl("features", "--no-feature", "tcx", "--json")
    assert done.returncode == 0
    assert not {feature["name"]: feature["present"] for feature in json.loads(done.stdout)["features"]}["tcx"]


def test_a_missing_one_is_named():
    done = run_vrrpctl("features", "--no-feature", "bpf_timer", "--json")
    assert done.returncode == 5
    missing = [feature["name"] for feature in json.loads(done.stdout)["features"] if not feature["present"]]
    assert missing == ["bpf_timer"]
    assert "bpf_timer" in done.stderr and "5.15" in done.stderr


def test_privilege():
    done = run_vrrpctl("features", prefix=["setpriv", "--bounding-set=-bpf,-sys_admin"])
    refused(done, 4, "CAP_BPF")
