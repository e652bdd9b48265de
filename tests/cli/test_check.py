# SPDX-License-Identifier: BSD-2-Clause
"""check FILE: the reader's diagnostics."""

import json

from conftest import refused, run_vrrpctl

GOOD = """vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 150
    priority 101
    virtual_ipaddress {
        192.168.1.13/24
    }
}
"""
BAD = GOOD.replace("101", "300").replace("interface eth0", "interface eth0\n    nonsense 5")


def test_good(tmp_path):
    file = tmp_path / "good.conf"
    file.write_text(GOOD)
    done = run_vrrpctl("check", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{file}: good, 1 virtual router\n", "")


def test_every_error_with_its_place(tmp_path):
    file = tmp_path / "bad.conf"
    file.write_text(BAD)
    done = run_vrrpctl("check", str(file))
    assert refused(done, 2) == f"vrrpctl: {file}: 2 errors"
    first, second, _ = done.stderr.splitlines()
    assert first.startswith(f"{file}:3:5: error: ") and "nonsense" in first
    assert second.startswith(f"{file}:5:14: error: ") and "1 to 255" in second


def test_no_such_file(tmp_path):
    done = run_vrrpctl("check", str(tmp_path / "none.conf"))
    refused(done, 2)
    assert done.stderr.splitlines()[0] == f"{tmp_path}/none.conf: cannot read: No such file or directory"


def test_json(tmp_path):
    file = tmp_path / "bad.conf"
    file.write_text(BAD)
    done = run_vrrpctl("check", str(file), "--json")
    assert done.returncode == 2
    answer = json.loads(done.stdout)
    diagnostics = answer.pop("diagnostics")
    assert answer == {"schema": 1, "file": str(file), "ok": False, "virtual_routers": 1}
    assert [(d["file"], d["line"], d["column"], d["severity"]) for d in diagnostics] == [
        (str(file), 3, 5, "error"), (str(file), 5, 14, "error")]
    assert all(d["message"] for d in diagnostics)


def test_json_of_a_good_file(tmp_path):
    file = tmp_path / "good.conf"
    file.write_text(GOOD)
    done = run_vrrpctl("check", str(file), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "schema": 1, "file": str(file), "ok": True, "virtual_routers": 1, "diagnostics": []}
