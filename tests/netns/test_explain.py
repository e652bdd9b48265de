# SPDX-License-Identifier: BSD-2-Clause
"""vrrpctl explain says what brought each transition about, and vrrpctl priority changes who is Master."""

import json

import pytest

from checks import wait_until
from lab.capture import now
from lab.packets import Advert
from lab.routers import XvrrpRouter
from lab.segment import INTERFACE, Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

VRID = 7
INTERVAL = 0.1
PRIORITIES = {"one": 200, "two": 100}
# The clocks of the capture and of the daemon are read one after the other.
CLOCKS_NS = 500_000


def virtual_router(name, **more):
    return VirtualRouter(VRID, ("192.0.2.100/32",), interval=INTERVAL, **{"priority": PRIORITIES[name], **more})


NAME = virtual_router("one").name


@pytest.fixture
def pair(run, xvrrpd):
    """Two routers; "one" is Master, and was it before there was another."""
    segment = Segment(run, {"one": 251, "two": 252})
    routers = {name: XvrrpRouter(run, segment.hosts[name], keepalived_conf([virtual_router(name)])) for name in PRIORITIES}
    with segment.capture() as capture:
        for name, state in (("one", "MASTER"), ("two", "BACKUP")):
            routers[name].start()
            routers[name].wait_state(10, state)
        wait_until(lambda: routers["two"].instance(VRID)["master"], what="a Master that is heard")
        yield segment, routers, capture


def explain(router, name=NAME):
    return json.loads(router.vrrpctl("explain", name, "--json").stdout)


def last(router, state):
    """The transition that a router has just made."""
    wait_until(lambda: explain(router)["transitions"][0]["to"] == state, 10, state)
    explanation = explain(router)
    assert explanation["router"]["state"] == state
    assert explanation["lost_transitions"] == 0
    return explanation["transitions"][0]


def said(router):
    return router.vrrpctl("explain", NAME).stdout


def test_a_master_falls_silent(pair):
    segment, routers, capture = pair
    hearing = explain(routers["two"])["hearing"]
    assert (hearing["source"], hearing["priority"]) == (segment.address("one"), 200)
    assert hearing["master_down_in_ms"] > 0 and hearing["adverts"] > 0
    assert "becomes Master in " in said(routers["two"])

    since = now()
    routers["one"].kill()
    step = last(routers["two"], "MASTER")
    cause, timer_ns = step["cause"], virtual_router("two").master_down() * 1e9
    assert (step["from"], step["reason"], step["priority"]) == ("BACKUP", "master-silent", 100)
    assert cause["kind"] == "master-down-timer" and cause["late_ms"] >= 0
    assert cause["master"] == {"source": segment.address("one"), "priority": 200, "interval_ms": 1000 * INTERVAL}
    assert cause["timer_ms"] == pytest.approx(timer_ns / 1e6, abs=0.001)
    # On the wire: the timer began with the last advert, and it was told of before the first one of our own.
    ours = capture.wait(Advert, 5, since, port="two")[0].time
    theirs = capture.select(Advert, since - 1_000_000_000, port="one")[-1].time
    due = step["time_ns"] - cause["late_ms"] * 1e6
    assert abs(due - theirs - timer_ns) < CLOCKS_NS
    assert step["time_ns"] < ours + CLOCKS_NS
    text = said(routers["two"])
    assert f"BACKUP -> MASTER: {step['reason_text']}\n" in text
    assert f"{segment.address('one')} (priority 200) was heard; 360.938 ms (Master_Down_Interval) later" in text
    assert f"Master until it hears a priority above 100, or 100 from an address above {segment.address('two')}" in text


def test_a_master_resigns_and_comes_back(pair):
    segment, routers, _capture = pair
    routers["one"].stop()
    step = last(routers["two"], "MASTER")
    assert step["reason"] == "master-resigned"
    assert step["cause"]["master"]["source"] == segment.address("one")
    assert step["cause"]["timer_ms"] == pytest.approx(virtual_router("two").skew() * 1000, abs=0.001)
    assert f"{segment.address('one')} resigned (priority 0)" in said(routers["two"])

    routers["one"].start()
    step = last(routers["two"], "BACKUP")
    assert (step["from"], step["reason"]) == ("MASTER", "higher-priority")
    assert step["cause"] == {"kind": "advert", "advert": {
        "source": segment.address("one"), "priority": 200, "interval_ms": 1000 * INTERVAL}}
    assert f"an advert of {segment.address('one')} (priority 200), every 100.000 ms" in said(routers["two"])
    assert [entry["to"] for entry in explain(routers["one"])["transitions"]] == ["MASTER", "BACKUP"]


def test_nobody_was_heard(pair):
    step = explain(pair[1]["one"])["transitions"][0]
    assert step["cause"]["master"] is None
    assert "no Master was heard for 321.875 ms" in said(pair[1]["one"])


def test_links_commands_and_what_is_tracked(pair):
    segment, routers, _capture = pair
    one = routers["one"]
    one.namespace.ip("link", "set", INTERFACE, "down")
    assert last(one, "FAULT")["reason"] == "interface-down"
    one.namespace.ip("link", "set", INTERFACE, "up")
    one.namespace.ip("addr", "replace", f"{segment.address('one', 6)}/64", "dev", INTERFACE)
    last(one, "MASTER")
    one.vrrpctl("drain", NAME)
    assert last(one, "FAULT")["reason"] == "drained"
    one.vrrpctl("undrain", NAME)
    last(one, "MASTER")
    one.namespace.ip("link", "add", "spare0", "type", "veth", "peer", "name", "spare1")
    one.configure(keepalived_conf([virtual_router("one", extra=("track_interface {", "    spare0", "}"))]))
    one.vrrpctl("reload")
    step = last(one, "FAULT")
    assert (step["reason"], step["problem"]) == ("tracked-down", "the tracked interface spare0 is down")
    assert step["problem"] in said(one)


def test_no_more_than_the_latest_are_kept(pair):
    one = pair[1]["one"]
    before = explain(one)["transitions"]
    for _time in range(33):
        one.vrrpctl("drain", NAME)
        one.vrrpctl("undrain", NAME)
    wait_until(lambda: explain(one)["transitions_before"] > 0, what="more than are kept")
    explanation = explain(one)
    assert len(explanation["transitions"]) == 64
    assert before[-1] not in explanation["transitions"]
    times = [entry["monotonic_ns"] for entry in explanation["transitions"]]
    assert times == sorted(times, reverse=True)
    assert f"and {explanation['transitions_before']} before\n" in said(one)


def test_priority(pair):
    """Another router takes over while the priority is lower, on a reload too."""
    segment, routers, capture = pair
    one, two = routers["one"], routers["two"]
    since = now()
    assert one.vrrpctl("priority", NAME, "50").stdout == f"{NAME} has priority 50\n"
    last(two, "MASTER")
    assert last(one, "BACKUP")["cause"]["advert"]["priority"] == 100
    assert capture.wait(Advert, 5, since, port="one", priority=50)
    one.vrrpctl("reload")
    status = one.instance(VRID)
    assert (status["priority"], status["wished_priority"], status["effective_priority"]) == (200, 50, 50)
    assert "50 (configured 200, the operator's 50)" in said(one)
    one.configure(keepalived_conf([virtual_router("one", priority=150)]))
    one.vrrpctl("reload")
    status = one.instance(VRID)
    assert (status["priority"], status["effective_priority"]) == (150, 50)
    assert one.vrrpctl("priority", str(VRID), "configured").stdout == f"{NAME} has priority 150\n"
    last(one, "MASTER")
    assert one.instance(VRID)["wished_priority"] is None


def test_what_is_refused(pair):
    one = pair[1]["one"]
    for priority in ("0", "255", "1.5", "high"):
        done = one.vrrpctl("priority", NAME, priority, check=False)
        assert done.returncode == 2, priority
        assert f'"{priority}" is neither a whole number from 1 to 254 nor "configured"' in done.stderr
    for command in (("priority", "nonsense", "5"), ("explain", "nonsense")):
        done = one.vrrpctl(*command, check=False)
        assert done.returncode == 1
        assert f'there is no virtual router "nonsense"; there are {NAME}' in done.stderr
    one.configure(keepalived_conf([virtual_router("one", priority=255)]))
    one.vrrpctl("reload")
    done = one.vrrpctl("priority", NAME, "5", check=False)
    assert done.returncode == 1 and "an owner's priority is 255" in done.stderr
    assert "the owner of its addresses" in said(one)
    one.stop()
    assert one.vrrpctl("explain", NAME, check=False).returncode == 3


def test_top_shows_who_sends_and_who_hears(pair):
    _segment, routers, _capture = pair
    for name, state, busy, idle in (("one", "MASTER", "sent_per_s", "received_per_s"), ("two", "BACKUP", "received_per_s", "sent_per_s")):
        lines = routers[name].vrrpctl("top", "--json", "--count", "2", "--interval", "0.5").stdout.splitlines()
        first, second = (json.loads(line)["virtual_routers"][0] for line in lines)
        assert (first["state"], first[busy]) == (state, None)
        assert second[busy] > 1 and second[idle] == 0
        assert f"{NAME}  eth0" in routers[name].vrrpctl("top", "--count", "1").stdout
    routers["one"].stop()
    refused = routers["one"].vrrpctl("top", check=False)
    assert refused.returncode == 3 and "no xvrrpd is running" in refused.stderr, refused
