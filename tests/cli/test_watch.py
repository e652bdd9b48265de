# SPDX-License-Identifier: BSD-2-Clause
"""watch: every virtual router heard on an interface."""

import json
import os
import pty
import signal
import subprocess
import time

from adverts import OTHER_SOURCE, SOURCE, SOURCE_SIX, bad_checksum, bad_ttl, six, v2, v3
from conftest import VRRPCTL, refused, run_vrrpctl

FIELDS = ["vrid", "family", "interface", "vlan", "inner_vlan", "version", "master", "priority", "interval_ms",
          "adverts", "gap_ms", "gap_max_ms", "jitter_ms", "silence_ms", "changes", "configured"]


def heard(host, *arguments):
    return host.json("watch", host.interface, "--count", "1", *arguments)["virtual_routers"]


def test_nothing_loaded(host):
    refused(host.vrrpctl("watch", "eth0"), 3, f"vrrpctl --instance {host.instance} load eth0")
    refused(run_vrrpctl("watch", "eth0", prefix=host.namespace.enter()), 3, "vrrpctl load eth0")
    refused(run_vrrpctl("watch", "eth7", prefix=host.namespace.enter()), 1, 'no interface "eth7"')


def test_privilege(host):
    refused(run_vrrpctl("watch", "eth0", prefix=["setpriv", "--bounding-set=-bpf,-sys_admin"]), 4, "CAP_BPF")


def test_nothing_heard(host):
    host.load()
    assert host.vrrpctl("watch", "eth0", "--count", "1").stdout == "eth0: no advert heard yet\n"
    assert heard(host) == []


def test_versions_and_families(host):
    host.load()
    host.send(v2(150, priority=101), v3(10, priority=200, centiseconds=1), six(10, priority=7, centiseconds=4095))
    routers = heard(host)
    assert all(list(router) == FIELDS for router in routers)
    described = [tuple(router[key] for key in FIELDS[:10]) for router in routers]
    assert described == [
        (10, "ipv4", "eth0", 0, 0, 3, SOURCE, 200, 10, 1),
        (10, "ipv6", "eth0", 0, 0, 3, SOURCE_SIX, 7, 40950, 1),
        (150, "ipv4", "eth0", 0, 0, 2, SOURCE, 101, 1000, 1),
    ]
    assert all(not router["configured"] and router["silence_ms"] < 10_000 for router in routers)


def test_bad_packets_are_not_heard(host):
    host.load()
    host.send(bad_checksum(150), bad_ttl(150), b"\0" * 60)
    assert heard(host) == []


def test_rhythm(host):
    host.load()
    for _ in range(4):
        host.send(v3(10, centiseconds=10))
        time.sleep(0.05)
    time.sleep(0.2)
    (router,) = heard(host)
    assert router["adverts"] == 4
    assert 100 <= router["gap_ms"] <= router["gap_max_ms"] < 1000
    assert 0 < router["jitter_ms"] < 1000
    assert router["silence_ms"] >= 200


def test_another_master(host):
    host.load()
    host.send(v2(150), v2(150, source=OTHER_SOURCE, priority=250))
    (router,) = heard(host)
    assert (router["master"], router["priority"], router["changes"]) == (OTHER_SOURCE, 250, 1)


def test_shielded_routers_are_configured(host):
    host.load("--vrid", "51")
    host.send(v2(51), v2(52))
    assert [(router["vrid"], router["configured"]) for router in heard(host)] == [(51, True), (52, False)]


def test_text(host):
    host.load("--vrid", "51")
    host.send(v2(51, priority=101, seconds=3), v3(10, centiseconds=1))
    title, foreign, shielded, legend = host.vrrpctl("watch", "eth0", "--count", "1").stdout.splitlines()
    assert title.split() == ["VRID", "VRRP", "MASTER", "PRIORITY", "INTERVAL", "ADVERTS", "LAST", "GAP", "LONGEST",
                             "JITTER", "SILENCE", "CHANGES", "CONFIGURED"]
    assert foreign.split()[:7] == ["10", "v3", "IPv4", SOURCE, "100", "10", "ms"]
    assert "! " in foreign and foreign.endswith("no")  # silent for longer than 30 ms
    assert shielded.split()[:7] == ["51", "v2", "IPv4", SOURCE, "101", "3", "s"]
    assert "! " not in shielded and shielded.endswith("yes")
    assert legend == "! silent for more than 3 intervals"


def test_finds_the_instance(host):
    """Without --instance: whichever is loaded here. With it: from any namespace."""
    host.load()
    host.send(v2(150))
    answer = json.loads(run_vrrpctl("watch", "eth0", "--count", "1", "--json", prefix=host.namespace.enter()).stdout)
    assert (answer["schema"], answer["interface"], answer["instance"]) == (1, "eth0", host.instance)
    outside = run_vrrpctl("--instance", host.instance, "watch", "eth0", "--count", "1", "--json")
    assert [router["vrid"] for router in json.loads(outside.stdout)["virtual_routers"]] == [150]


def test_samples(host):
    host.load()
    started = time.monotonic()
    done = host.vrrpctl("watch", "eth0", "--count", "3", "--interval", "0.2", "--json")
    assert 0.4 <= time.monotonic() - started < 3
    assert [json.loads(line)["schema"] for line in done.stdout.splitlines()] == [1, 1, 1]
    text = host.vrrpctl("watch", "eth0", "--count", "2", "--interval", "0.1").stdout
    assert text == "eth0: no advert heard yet\n\neth0: no advert heard yet\n"


def watching(host, **options):
    return subprocess.Popen(host.namespace.enter(VRRPCTL, "watch", "eth0", "--interval", "0.1", "--json"),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def test_signals_end_it_in_good_order(host):
    host.load()
    for number in (signal.SIGINT, signal.SIGTERM):
        with watching(host) as process:
            process.stdout.readline()
            process.send_signal(number)
            assert process.wait(5) == 0
            assert process.stderr.read() == ""


def test_unloaded_meanwhile(host):
    host.load()
    with watching(host) as process:
        process.stdout.readline()
        assert host.vrrpctl("unload", "eth0").returncode == 0
        assert process.wait(5) == 3
        assert "nothing is loaded on eth0" in process.stderr.read()


def on_a_terminal(host, **environment):
    """What a terminal gets to see of two samples."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        host.namespace.enter(VRRPCTL, "watch", "eth0", "--interval", "0.1", "--count", "2"),
        stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm", **environment})
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 4096):
            seen += chunk
    except OSError:  # EIO: the other end is closed
        pass
    os.close(ours)
    assert process.wait(5) == 0
    return seen.decode()


def test_terminal(host):
    host.load()
    host.send(v3(10, centiseconds=1))
    time.sleep(0.1)
    seen = on_a_terminal(host, NO_COLOR="")
    assert seen.count("\033[H\033[J") == 2
    assert "\033[1;31m" in seen  # silent
    plain = on_a_terminal(host, NO_COLOR="1")
    assert plain.count("\033[H\033[J") == 2
    assert "\033[1" not in plain
    assert "\033" not in on_a_terminal(host, TERM="dumb")


def test_beside_a_daemon(host, tmp_path):
    """As Backup it shows whom the daemon hears; ending it, however, disturbs neither the data plane nor the daemon."""
    daemon = host.start_xvrrpd(tmp_path)
    host.send(v2(150, priority=200))
    (router,) = heard(host)
    assert (router["vrid"], router["priority"], router["configured"]) == (150, 200, True)
    for number in (signal.SIGINT, signal.SIGKILL):
        with watching(host) as process:
            assert json.loads(process.stdout.readline())["virtual_routers"][0]["adverts"] == 1
            process.send_signal(number)
            process.wait(5)
    host.send(v2(150, priority=0))
    deadline = time.monotonic() + 15
    while '"MASTER"' not in host.vrrpctl("status", "--json").stdout:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    host.send(v2(150, priority=1))
    with watching(host) as process:  # beside a Master: the others that are heard
        (router,) = json.loads(process.stdout.readline())["virtual_routers"]
        assert (router["priority"], router["adverts"]) == (1, 3)
        process.kill()
        process.wait(5)
    assert daemon.poll() is None and host.has_xdp()
    assert '"MASTER"' in host.vrrpctl("status", "--json").stdout
