# SPDX-License-Identifier: BSD-2-Clause
"""vrrpctl trace: what a running router decided is recorded, and decided again by another process."""

import json
import random
import signal
import subprocess
import time

import pytest

from checks import wait_until
from lab.routers import XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

PRIORITIES = {"one": 200, "two": 100}
VRIDS = (7, 8)


def virtual_routers(name):
    return [VirtualRouter(vrid, (f"192.0.2.{100 + vrid}/32",), interval=0.1, priority=PRIORITIES[name]) for vrid in VRIDS]


NAMES = [router.name for router in virtual_routers("one")]


@pytest.fixture
def pair(run, xvrrpd):
    segment = Segment(run, {"one": 251, "two": 252})
    routers = {name: XvrrpRouter(run, segment.hosts[name], keepalived_conf(virtual_routers(name))) for name in PRIORITIES}
    for name, state in (("one", "MASTER"), ("two", "BACKUP")):
        routers[name].start()
        routers[name].wait_state(10, state)
    return routers


class Recording:
    """`trace record` beside the test."""

    def __init__(self, router, file, *words):
        tool = str(router.binaries / "vrrpctl")
        argv = router.namespace.enter(tool, "--instance", router.namespace.name, "trace", "record", str(file), *words)
        self.process = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
        self.file = file
        assert self.process.stderr.readline().startswith("recording ")
        wait_until(lambda: "memory" in self.text(), 10, "what a router remembers")

    def text(self):
        return self.file.read_text() if self.file.exists() else ""

    def lines(self):
        """Those that are written whole."""
        return [json.loads(line) for line in self.text().splitlines(keepends=True) if line.endswith("\n")]

    def wait_state(self, state):
        wait_until(lambda: any(action.get("to") == state for line in self.lines() for action in line.get("actions", ())), 20, state)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        said = self.process.stderr.read()
        return self.process.wait(10), said


def replay(router, file, *words):
    return router.vrrpctl("trace", "replay", str(file), *words, check=False)


def test_a_takeover_is_replayed(pair, tmp_path):
    """The Backup of two takes over both, drains one, and is overruled again; the recording begins in the middle of its life."""
    recording = Recording(pair["two"], tmp_path / "two.trace")
    pair["one"].kill()
    recording.wait_state("MASTER")
    pair["two"].vrrpctl("drain", NAMES[0])
    recording.wait_state("FAULT")
    pair["two"].vrrpctl("undrain", NAMES[0])
    pair["one"].start()
    recording.wait_state("BACKUP")
    code, said = recording.end()
    assert code == 0 and said.endswith(" steps\n")
    head, *lines = recording.lines()
    assert head["schema"] == 1 and abs(head["time_ns"] - time.time_ns()) < 600e9
    assert [line["router"] for line in lines if "memory" in line] == NAMES
    assert lines[-1] == {"end": "as wanted"}

    done = replay(pair["two"], recording.file)
    assert done.returncode == 0, done.stderr
    *shown, verdict = done.stdout.splitlines()
    assert len(shown) == len([line for line in lines if "event" in line])
    assert verdict == f"{len(shown)} steps of 2 virtual routers: each as recorded"
    takeover = next(line for line in shown if "BACKUP -> MASTER (master-silent)" in line)
    assert " BACKUP: master-down expires: advert 100, install, announce, " in takeover
    quiet = replay(pair["two"], recording.file, "--quiet")
    assert quiet.stdout == verdict + "\n"


def test_one_of_them_for_a_time(pair, tmp_path):
    file = tmp_path / "one.trace"
    done = pair["one"].vrrpctl("trace", "record", str(file), str(VRIDS[1]), "--seconds", "1")
    steps = [json.loads(line) for line in file.read_text().splitlines() if "event" in json.loads(line)]
    assert {step["router"] for step in steps} == {NAMES[1]}
    assert {step["event"]["timer"] for step in steps} <= {"advertisement", "announce"}
    assert done.stderr == f"recording 1 virtual router\n{len(steps)} steps\n"
    to_stdout = pair["one"].vrrpctl("trace", "record", "-", "--seconds", "0.3")
    again = subprocess.run([pair["one"].binaries / "vrrpctl", "trace", "replay", "-"], input=to_stdout.stdout, capture_output=True,
                           text=True, timeout=10)
    assert again.returncode == 0 and "each as recorded" in again.stdout


def test_names_of_very_many(run, xvrrpd, tmp_path):
    """What names them all is longer than a page."""
    host = Segment(run, {"one": 251}).hosts["one"]
    names = [f"virtual-router-{'x' * 40}-{vrid}" for vrid in range(1, 121)]
    router = XvrrpRouter(run, host, "".join(
        f"vrrp_instance {name} {{\n interface eth0\n virtual_router_id {vrid}\n version 3\n virtual_ipaddress {{\n"
        f"  192.0.2.{vrid}/32\n }}\n}}\n" for vrid, name in enumerate(names, 1)))
    router.start()
    assert len(" ".join(names)) > 4096
    file = tmp_path / "all.trace"
    done = router.vrrpctl("trace", "record", str(file), *names, "--seconds", "0.3")
    assert done.stderr.startswith("recording 120 virtual routers\n")
    assert [line["router"] for line in map(json.loads, file.read_text().splitlines()) if "memory" in line] == names


def test_a_reload_does_not_end_it(pair, tmp_path):
    recording = Recording(pair["two"], tmp_path / "two.trace", NAMES[0])
    pair["two"].configure(keepalived_conf([VirtualRouter(VRIDS[0], ("192.0.2.107/32",), interval=0.1, priority=250)]))
    pair["two"].vrrpctl("reload")
    recording.wait_state("MASTER")
    assert recording.end()[0] == 0
    assert any(line.get("event", {}).get("kind") == "reconfigured" for line in recording.lines())
    assert replay(pair["two"], recording.file).returncode == 0


def test_what_another_core_does_is_seen(pair, tmp_path):
    """As if the recording was of a version that decided otherwise; and files that are none."""
    file = tmp_path / "one.trace"
    pair["one"].vrrpctl("trace", "record", str(file), NAMES[0], "--seconds", "0.5")
    lines = file.read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if "send-advert" in line)

    def judged(changed):
        file.write_text("\n".join(changed) + "\n")
        done = replay(pair["one"], file, "--quiet")
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr

    other = [*lines[:at], lines[at].replace('"priority":200', '"priority":201'), *lines[at + 1:]]
    assert f"{file}: line {at + 1}: {NAMES[0]} does [" in judged(other)
    assert f"line {at + 1}: is no line of a recording" in judged([*lines[:at], lines[at][:-20]])
    assert "line 1: is not the head of a recording of schema 1" in judged(lines[1:])
    assert "of which no line says what it remembered" in judged([lines[0], *lines[2:]])
    assert "the router's config vrid is out of range" in judged([lines[0], lines[1].replace('"vrid":7', '"vrid":700'), *lines[2:]])
    assert 'has the unknown value "MISTER"' in judged([lines[0], lines[1].replace('"MASTER"', '"MISTER"'), *lines[2:]])
    assert "the event's timer is missing" in judged([*lines[:at], lines[at].replace('"timer":"advertisement",', ""), *lines[at + 1:]])
    assert "there is no virtual router in it" in judged(lines[:1])
    file.write_text("\n".join(lines[:-1]) + "\n")
    assert "it was cut off" in replay(pair["one"], file).stdout


def test_refusals(pair, tmp_path):
    one, file = pair["one"], tmp_path / "x.trace"
    recording = Recording(one, file)
    for words, said in ((("trace", "record", str(tmp_path / "y.trace")), "somebody else is recording"),
                        (("trace", "record", str(tmp_path / "y.trace"), "nonsense"), 'there is no virtual router "nonsense"'),
                        (("trace", "replay", str(tmp_path / "none")), "No such file")):
        done = one.vrrpctl(*words, check=False)
        assert done.returncode == 1 and said in done.stderr, words
    one.stop()
    wait_until(lambda: '"end"' in recording.text(), 10, "the end")
    assert recording.lines()[-1] == {"end": "xvrrpd has ended"}
    assert one.vrrpctl("trace", "record", str(file), check=False).returncode == 3


LEAVES = (None, -1, 2**63, 2**64, -2**63, 1e308, "", "x" * 5000, [], {}, [[[]]], True, "fe80::1", "300.1.1.1", 255, 256, 0)


def mutated(line, chance):
    """Another value somewhere in the line's JSON, or none; or other bytes."""
    if chance.random() < 0.3:
        garbled = bytearray(line)
        for _ in range(3):
            garbled[chance.randrange(len(garbled))] = chance.randrange(256)
        return bytes(garbled)
    whole = at = json.loads(line)
    while True:
        key = chance.choice(list(at)) if isinstance(at, dict) else chance.randrange(len(at))
        if isinstance(at[key], (dict, list)) and at[key] and chance.random() < 0.7:
            at = at[key]
            continue
        if chance.random() < 0.2:
            del at[key]
        else:
            at[key] = chance.choice(LEAVES)
        return json.dumps(whole).encode()


@pytest.mark.seconds(120)
def test_a_recording_that_is_not_what_it_seems(pair, tmp_path):
    """Of somebody else: it is replayed or refused, and ends nothing."""
    file, chance = tmp_path / "good.trace", random.Random(20261127)
    pair["one"].vrrpctl("trace", "record", str(file), "--seconds", "1")
    lines = file.read_bytes().splitlines()
    for _ in range(300):
        changed = list(lines)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(min(len(lines), 12))
            changed[at] = mutated(lines[at], chance)
        text = b"\n".join(changed) + b"\n"
        done = subprocess.run([pair["one"].binaries / "vrrpctl", "trace", "replay", "-"], input=text, capture_output=True, timeout=10)
        assert done.returncode in (0, 1, 2), (text, done.stderr)


def test_a_client_that_is_gone_ends_nothing_but_its_recording(pair, tmp_path):
    recording = Recording(pair["one"], tmp_path / "gone.trace")
    recording.process.kill()
    recording.process.wait(10)
    wait_until(lambda: pair["one"].vrrpctl("trace", "record", str(tmp_path / "next.trace"), "--seconds", "0.3", check=False).returncode == 0,
               10, "another recording")
    assert replay(pair["one"], tmp_path / "next.trace").returncode == 0
