# SPDX-License-Identifier: BSD-2-Clause
"""xvrrpd and keepalived, each alone with the same file in a network of the same shape, get to the same states, install the same
addresses, routes and rules, tell the same of it in the same order, and leave nothing."""

import json

import pytest

from checks import wait_until
from fifo import Fifo
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.run import Run
from lab.segment import Segment
from twin_files import FILES, LEFT_BEHIND, NOT_TOLD

MAKES = {"xvrrp": XvrrpRouter, "keepalived": KeepalivedRouter}
AT_ONCE = 6
NAMES = list(FILES)
NOTE = """#!/bin/sh
echo "$@" >> {directory}/notes
"""


class Twin:
    def __init__(self, run, make, name):
        key = f"{make[0]}{NAMES.index(name)}"
        self._name, (text, self.wanted) = name, FILES[name]
        directory = run.directory / f"of-{key}"
        directory.mkdir(mode=0o755)
        (directory / "number").write_text("7\n")
        note = directory / "note"
        note.write_text(NOTE.format(directory=directory))
        note.chmod(0o755)
        self._notes = directory / "notes"
        self.fifo = Fifo(run, f"events-{key}")
        self.host = Segment(run, {key: 1}, name=f"l{key}").hosts[key]
        for link, end in (("other", "other-end"), ("idle", "idle-end")):
            self.host.ip("link", "add", link, "type", "veth", "peer", "name", end)
            self.host.ip("link", "set", end, "up")
        self.host.ip("link", "set", "other", "up")
        self.host.ip("addr", "add", "203.0.113.1/24", "dev", "other")
        globals_ = f"global_defs {{\n    script_user root\n    notify_fifo {self.fifo.path}\n}}\n"
        self.router = MAKES[make](run, self.host, globals_ + text.replace("@DIRECTORY@", str(directory)).replace("@NOTE@", str(note)))

    def told(self):
        """What was told of each, in order."""
        told = {}
        for line in self.fifo.lines():
            _kind, name, state, priority = line.replace('"', "").split()
            told.setdefault(name, []).append((state, priority))
        return told

    def notes(self):
        """What scripts were called with. keepalived runs those of one event in any order."""
        return sorted(self._notes.read_text().splitlines()) if self._notes.exists() else []

    def is_in_state(self):
        told = self.told()
        return all(told.get(name, [(None, None)])[-1][0] == state for name, state in self.wanted.items())

    def _shown(self, *words):
        return json.loads(self.host.ip(*words) or "[]")

    def addresses(self):
        found = []
        for link in self._shown("-j", "addr"):
            for address in link["addr_info"]:
                if address.get("local"):
                    found.append((link["ifname"], address["local"], address["prefixlen"], address["scope"], address.get("address"),
                                  address.get("label") if address.get("label") != link["ifname"] else None, address.get("broadcast"),
                                  *(flag for flag in ("deprecated", "home", "mngtmpaddr", "noprefixroute") if address.get(flag))))
        return sorted(found, key=str)

    def routes(self):
        """The kernel's own go with addresses."""
        return sorted(json.dumps(route, sort_keys=True) for family in ("-4", "-6")
                      for route in self._shown(family, "-j", "route", "show", "table", "all") if route.get("protocol") != "kernel")

    def rules(self):
        return sorted(json.dumps(rule, sort_keys=True) for family in ("-4", "-6") for rule in self._shown(family, "-j", "-N", "rule"))

    def installed(self):
        return {"addresses": self.addresses(), "routes": self.routes(), "rules": self.rules()}

    def all_told(self):
        told = {name: events for name, events in self.told().items() if name != NOT_TOLD.get(self._name)}
        return {"FIFO": told, "scripts": self.notes()}


def wait_same(ours, theirs, look, what):
    wait_until(lambda: look(ours) == look(theirs), 10,
               lambda: f"{what}:\nxvrrp      {look(ours)}\nkeepalived {look(theirs)}\n{ours.router.log_tail()}")


@pytest.mark.seconds(120)
@pytest.mark.parametrize("names", [NAMES[first:first + AT_ONCE] for first in range(0, len(NAMES), AT_ONCE)], ids=lambda names: names[0])
def test_the_same_file(names, xvrrpd):
    with Run() as run:
        pairs = {name: [Twin(run, make, name) for make in MAKES] for name in names}
        twins = [twin for pair in pairs.values() for twin in pair]
        for twin in twins:
            twin.router.launch()
        for name, pair in pairs.items():
            for twin in pair:
                wait_until(twin.is_in_state, 30, lambda: f"{name}: {twin.wanted}, told {twin.told()}\n{twin.router.log_tail()}")
            wait_same(*pair, Twin.installed, f"{name}: installed")
        for twin in twins:
            twin.router.terminate()
        for twin in twins:
            twin.router.wait_exit(15)
        for name, pair in pairs.items():
            wait_same(*pair, Twin.all_told, f"{name}: told")
            if name not in LEFT_BEHIND:
                wait_same(*pair, Twin.installed, f"{name}: left behind")


def test_there_are_enough():
    assert len(FILES) >= 25
