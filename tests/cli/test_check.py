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
    assert refused(done, 3) == f"vrrpctl: {file}: 2 errors"
    first, second, _ = done.stderr.splitlines()
    assert first.startswith(f"{file}:3:5: error: ") and "nonsense" in first
    assert second.startswith(f"{file}:5:14: error: ") and "1 to 255" in second


def test_no_such_file(tmp_path):
    done = run_vrrpctl("check", str(tmp_path / "none.conf"))
    refused(done, 3)
    assert done.stderr.splitlines()[0] == f"{tmp_path}/none.conf: cannot read: No such file or directory"


def test_json(tmp_path):
    file = tmp_path / "bad.conf"
    file.write_text(BAD)
    done = run_vrrpctl("check", str(file), "--json")
    assert done.returncode == 3
    answer = json.loads(done.stdout)
    diagnostics = answer.pop("diagnostics")
    assert answer == {"schema": 1, "file": str(file), "ok": False, "virtual_routers": 1, "errors": 2, "warnings": 0}
    assert [(d["file"], d["line"], d["column"], d["severity"]) for d in diagnostics] == [
        (str(file), 3, 5, "error"), (str(file), 5, 14, "error")]
    assert all(d["message"] for d in diagnostics)


def test_json_of_a_good_file(tmp_path):
    file = tmp_path / "good.conf"
    file.write_text(GOOD)
    done = run_vrrpctl("check", str(file), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "schema": 1, "file": str(file), "ok": True, "virtual_routers": 1, "errors": 0, "warnings": 0,
        "diagnostics": []}


def test_strict_makes_errors_of_warnings(tmp_path):
    file = tmp_path / "warned.conf"
    file.write_text(GOOD.replace("priority 101", "priority 101\n    debug 4"))
    done = run_vrrpctl("check", str(file))
    assert done.returncode == 0 and done.stderr.startswith(f"{file}:5:5: warning: ")
    done = run_vrrpctl("check", str(file), "--strict")
    assert refused(done, 3) == f"vrrpctl: {file}: 1 error"
    assert done.stderr.startswith(f"{file}:5:5: error: ")


def test_explain_fills_in_the_defaults(tmp_path):
    file = tmp_path / "good.conf"
    file.write_text(GOOD)
    done = run_vrrpctl("check", str(file), "--explain")
    assert (done.returncode, done.stderr) == (0, "")
    for line in ("  priority 101\n", "  advert_int 1.0\n", "  preempt on\n", "    address 192.168.1.13/24, dev eth0, scope 0\n"):
        assert line in done.stdout
    answer = json.loads(run_vrrpctl("check", str(file), "--explain", "--json").stdout)
    (instance,) = answer["configuration"]["vrrp_instances"]
    assert instance["vrrp_instance"] == "VI_1" and instance["down_timer_adverts"] == 3


def test_explain_keeps_the_password(tmp_path):
    file = tmp_path / "secret.conf"
    file.write_text(GOOD.replace("priority 101", "authentication {\n auth_type PASS\n auth_pass s3cret\n}"))
    done = run_vrrpctl("check", str(file), "--explain", "--json")
    assert "PASS" in done.stdout and "s3cret" not in done.stdout


def test_scripts_that_others_may_change(tmp_path):
    script = tmp_path / "notify.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o777)
    file = tmp_path / "scripts.conf"
    file.write_text(GOOD.replace("priority 101", f"priority 101\n    notify {script} root"))
    done = run_vrrpctl("check", str(file))
    assert done.returncode == 5 and "enable_script_security" in done.stderr
    file.write_text("global_defs {\n enable_script_security\n}\n" + file.read_text())
    done = run_vrrpctl("check", str(file))
    assert done.returncode == 0 and "it will not be run" in done.stderr


SURROUNDED = """vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 150
    priority 101
    unicast_src_ip 192.168.1.12
    unicast_peer {
        192.168.1.14
    }
    virtual_ipaddress {
        192.168.1.13
        10.9.9.9
        10.8.8.8/24
        10.7.7.7 dev elsewhere
    }
}
"""


def test_what_this_machine_has(host, tmp_path):
    file = tmp_path / "here.conf"
    file.write_text(SURROUNDED)
    done = host.vrrpctl("check", str(file))
    assert done.returncode == 0
    assert done.stderr == (
        f"{file}:11:9: warning: 10.9.9.9 is in no network of eth0 (192.168.1.11/24): hosts there find it only by a "
        "route of their own\n"
        f'{file}:1:1: warning: 192.168.1.12, from which vrrp_instance "VI_1" is to send, is no address of eth0 '
        "(192.168.1.11/24)\n")
    file.write_text(SURROUNDED.replace("    unicast_src_ip 192.168.1.12\n", "").replace("        10.9.9.9\n", ""))
    assert host.vrrpctl("check", str(file)).stderr == ""
    host.namespace.ip("addr", "add", "192.168.1.77/24", "dev", "eth0")
    done = host.vrrpctl("check", str(file))
    assert "peers heed only the one that they know: say which with unicast_src_ip" in done.stderr
