# SPDX-License-Identifier: BSD-2-Clause
"""Routers of a sync group are Master together or not at all: xvrrpd's as keepalived's, told in the same words."""

import pytest

from checks import wait_until
from fifo import Fifo
from lab.capture import now
from lab.packets import Advert
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

MAKES = {"xvrrp": XvrrpRouter, "keepalived": KeepalivedRouter}
A, B, GROUP = "eth0_v4_1", "eth0_v4_2", "VG"


def conf(fifo, extra="", group="", **options):
    first = f"global_defs {{\n script_user root\n notify_fifo {fifo.path}\n}}\n{extra}\n" if fifo else extra
    first += f"vrrp_sync_group {GROUP} {{\n group {{\n  {A}\n  {B}\n }}\n{group}\n}}\n"
    members = [VirtualRouter(vrid, (f"192.0.2.{100 + vrid}/32",), interval=0.1, **options) for vrid in (1, 2)]
    return keepalived_conf(members, first)


class Pair:
    """Two routers that each have the same two virtual routers in a group; the second is made when it is wanted."""

    def __init__(self, run, make, extra="", group="", **options):
        self.segment, self.fifo = Segment(run, {"one": 1, "two": 2}), Fifo(run)
        self.hosts = self.segment.hosts
        self.one = MAKES[make](run, self.hosts["one"], conf(self.fifo, extra, group, **options))
        self.two = XvrrpRouter(run, self.hosts["two"], conf(None, priority=200))
        self.capture = self.segment.capture()
        self.heard = 0

    def __enter__(self):
        self.capture.__enter__()
        return self

    def __exit__(self, *exception):
        self.capture.__exit__(*exception)

    def news(self, count, timeout=10):
        """The next lines that the first router says, as (kind, state)."""
        wait_until(lambda: len(self.fifo.lines()) >= self.heard + count, timeout,
                   f"{count} lines more than {self.heard}: {self.fifo.lines()}")
        lines = self.fifo.lines()[self.heard:]
        self.heard += len(lines)
        return [tuple(line.replace('"', "").split()[1:3]) for line in lines]

    def begin(self):
        """The order in which its members get there is chance."""
        self.one.launch()
        assert sorted(self.news(6)) == sorted([(A, "BACKUP"), (B, "BACKUP"), (GROUP, "BACKUP"),
                                               (A, "MASTER"), (B, "MASTER"), (GROUP, "MASTER")])


@pytest.mark.parametrize("make", MAKES)
def test_a_better_router_takes_all_and_gives_all_back(run, make, xvrrpd):
    with Pair(run, make) as pair:
        pair.begin()
        pair.two.start()
        assert sorted(pair.news(3)) == sorted([(A, "BACKUP"), (B, "BACKUP"), (GROUP, "BACKUP")])
        pair.two.stop()
        assert sorted(pair.news(3)) == sorted([(A, "MASTER"), (B, "MASTER"), (GROUP, "MASTER")])
        pair.one.stop()
        assert sorted(pair.news(3)) == sorted([(A, "STOP"), (B, "STOP"), (GROUP, "STOP")])


@pytest.mark.parametrize("make", MAKES)
def test_the_fault_of_one_is_the_fault_of_all(run, make, xvrrpd):
    flag = run.directory / "flag"
    flag.touch()
    script = f"vrrp_script chk {{\n script \"/usr/bin/test -e {flag}\"\n interval 1\n}}"
    with Pair(run, make, script) as pair:
        text = pair.one.file.read_text()
        head, _, tail = text.rpartition("    interface eth0\n")
        pair.one.configure(f"{head}    interface eth0\n    track_script {{\n chk\n }}\n{tail}")
        pair.begin()
        since = now()
        flag.unlink()
        assert sorted(pair.news(3)) == sorted([(A, "FAULT"), (B, "FAULT"), (GROUP, "FAULT")])
        for vrid in (1, 2):
            pair.capture.wait(Advert, 10, since, vrid=vrid, priority=0)
        flag.touch()
        assert sorted(pair.news(6)) == sorted([(A, "BACKUP"), (B, "BACKUP"), (GROUP, "BACKUP"),
                                               (A, "MASTER"), (B, "MASTER"), (GROUP, "MASTER")])


@pytest.mark.parametrize("make", MAKES)
def test_what_the_group_tracks_counts_for_all(run, make, xvrrpd):
    flag = run.directory / "flag"
    flag.touch()
    script = f"vrrp_script chk {{\n script \"/usr/bin/test -e {flag}\"\n interval 1\n}}"
    with Pair(run, make, script, " track_script {\n  chk\n }") as pair:
        pair.begin()
        flag.unlink()
        assert sorted(pair.news(3)) == sorted([(A, "FAULT"), (B, "FAULT"), (GROUP, "FAULT")])


@pytest.mark.parametrize("make", MAKES)
def test_group_scripts(run, make, xvrrpd):
    told = run.directory / "told"
    script = run.directory / "told.sh"
    script.write_text(f'#!/bin/sh\nIFS=,; echo "$*" >> {told}\n')
    script.chmod(0o755)
    words = "\n".join(f' notify_{event} "{script} {event}"' for event in ("master", "backup", "fault", "stop"))
    with Pair(run, make, group=f'{words}\n notify "{script} all"') as pair:
        pair.begin()
        pair.one.stop()
        wait_until(lambda: len(told.read_text().splitlines()) == 6, 10, "six calls")
        assert sorted(told.read_text().splitlines()) == sorted(
            line for state in ("BACKUP", "MASTER", "STOP") for line in (state.lower(), f"all,GROUP,{GROUP},{state},0"))


@pytest.mark.parametrize("make", MAKES)
def test_a_member_whose_master_lives_holds_all_back(run, make, xvrrpd):
    """Another router keeps VRID 2 for itself, and nobody has VRID 1."""
    with Pair(run, make) as pair:
        pair.two.configure(keepalived_conf([VirtualRouter(2, ("192.0.2.102/32",), interval=0.1, priority=200)]))
        pair.two.start()
        pair.two.wait_state(10, "MASTER")
        pair.one.launch()
        assert sorted(pair.news(3)) == sorted([(A, "BACKUP"), (B, "BACKUP"), (GROUP, "BACKUP")])
        pair.capture.wait(Advert, 10, now(), count=20, port="two")
        assert not pair.capture.select(Advert, port="one")
        pair.two.stop()
        assert sorted(pair.news(3)) == sorted([(A, "MASTER"), (B, "MASTER"), (GROUP, "MASTER")])


def test_a_master_that_was_away_for_a_while_holds_all_back(run, xvrrpd):
    """That B has no Master is known when A's comes back: what B knows of it must not be stale then."""
    with Pair(run, "xvrrp") as pair:
        pair.two.start()
        pair.two.wait_state(10, "MASTER")
        pair.one.launch()
        assert sorted(pair.news(3)) == sorted([(A, "BACKUP"), (B, "BACKUP"), (GROUP, "BACKUP")])
        text = pair.two.file.read_text()
        for vrid in (1, 2, 1):
            # Without one of them, which the first router misses then; it comes back before the other goes.
            pair.two.configure(keepalived_conf(
                [VirtualRouter(3 - vrid, (f"192.0.2.{103 - vrid}/32",), interval=0.1, priority=200)]))
            since = pair.two.reload()
            pair.capture.wait(Advert, 10, since, vrid=vrid, priority=0)
            pair.capture.wait(Advert, 10, now(), count=10, vrid=3 - vrid)
            pair.two.configure(text)
            pair.two.reload()
            pair.capture.wait(Advert, 10, now(), count=5, port="two", vrid=vrid)
        assert not pair.capture.select(Advert, port="one")
        assert len(pair.fifo.lines()) == 3


def test_an_owner_in_a_group(run, xvrrpd):
    with Pair(run, "xvrrp", priority=255) as pair:
        pair.begin()


def test_a_drained_member_drains_all(run, xvrrpd):
    with Pair(run, "xvrrp") as pair:
        pair.begin()
        pair.two.configure(conf(None, priority=50))
        pair.two.start()
        pair.one.vrrpctl("drain", A)
        assert sorted(pair.news(3)) == sorted([(A, "FAULT"), (B, "FAULT"), (GROUP, "FAULT")])
        wait_until(lambda: set(pair.two.states().values()) == {"MASTER"}, 10, "the other one's takeover")
        pair.one.vrrpctl("undrain", A)
        assert sorted(pair.news(6)) == sorted([(A, "BACKUP"), (B, "BACKUP"), (GROUP, "BACKUP"),
                                               (A, "MASTER"), (B, "MASTER"), (GROUP, "MASTER")])


def test_a_reload_makes_and_ends_a_group(run, xvrrpd):
    with Pair(run, "xvrrp") as pair:
        grouped = pair.one.file.read_text()
        start = grouped.index("vrrp_sync_group")
        pair.one.configure(grouped[:start] + grouped[grouped.index("vrrp_instance"):])
        pair.one.launch()
        assert sorted(pair.news(4)) == sorted((name, state) for name in (A, B) for state in ("BACKUP", "MASTER"))
        pair.one.configure(grouped)
        pair.one.reload()
        assert pair.news(1) == [(GROUP, "MASTER")]  # none of its members changes
        assert pair.one.instance(1)["sync_group"] == GROUP
        pair.two.start()
        assert sorted(pair.news(3)) == sorted([(A, "BACKUP"), (B, "BACKUP"), (GROUP, "BACKUP")])
        pair.one.configure(grouped[:start] + grouped[grouped.index("vrrp_instance"):])
        pair.one.reload()
        wait_until(lambda: pair.one.instance(1)["sync_group"] == "", 10, "no group")
