# SPDX-License-Identifier: BSD-2-Clause
"""status: no daemon, and the way from the socket to the terminal. What a daemon says is tested in tests/netns."""

import json

from conftest import STATE, refused


def test_not_running(host):
    refused(host.vrrpctl("status"), 3, "no xvrrpd", host.instance)
    refused(host.vrrpctl("status", "--json"), 3, "no xvrrpd", host.instance)


def test_loaded_by_hand_is_not_running(host):
    host.load()
    refused(host.vrrpctl("status"), 3, "no xvrrpd")


def test_running(host, tmp_path):
    daemon = host.start_xvrrpd(tmp_path)
    answer = host.json("status")
    assert answer["schema"] == 1
    assert (answer["daemon"]["instance"], answer["daemon"]["pid"]) == (host.instance, daemon.pid)
    (router,) = answer["instances"]
    assert (router["name"], router["interface"], router["vrid"]) == ("VI_1", "eth0", 150)
    done = host.vrrpctl("status", "--json")
    assert done.stdout == json.dumps(json.loads(done.stdout), indent=2, ensure_ascii=False) + "\n"
    text = host.vrrpctl("status").stdout
    assert f'instance "{host.instance}", pid {daemon.pid}' in text
    assert "VRID 150, VRRPv2 IPv4 on eth0" in text


def test_killed(host, tmp_path):
    daemon = host.start_xvrrpd(tmp_path)
    daemon.kill()
    daemon.wait()
    assert (STATE / f"{host.instance}.sock").exists()
    refused(host.vrrpctl("status"), 3, "no xvrrpd", host.instance)
