# SPDX-License-Identifier: BSD-2-Clause
"""The other side of a Backup: a program that plays its Masters, and times it on the switch (tests/tools/masters.cpp)."""

import contextlib
import time
from dataclasses import dataclass

from lab.conformance import GROUPS, group_mac
from lab.speaker import Message

_PRIORITY = 200
_MAC = "020000000077"


class MastersFailed(Exception):
    """The program ended as it should not have; the message holds what it said."""


@dataclass(frozen=True)
class Takeover:
    """Of one virtual router; milliseconds, None where nothing came in time."""
    late: float | None  # the first advert, after Master_Down_Interval
    announced: tuple  # each address's first gratuitous ARP, after that advert
    announced_late: tuple  # the same, after Master_Down_Interval


class Masters:
    def __init__(self, tools, lans):
        self._run, self._lans = lans.run, lans
        self._log = lans.run.directory / "masters.log"
        self._argv = [str(tools / "xvrrp_masters"), "--routers", str(self._write()), "--speaker",
                      lans.hosts["tst"].name, "--interval-ms", f"{lans.load.interval * 1000:g}"]
        for segment in lans.segments:
            self._argv += ["--segment", f"{segment.interface}={segment.switch.name}"]

    def _write(self):
        lines = []
        to = group_mac(GROUPS[4]).replace(":", "")
        for lan, segment in enumerate(self._lans.segments):
            for router in self._lans.load.of(lan):
                message = Message(router.vrid, router.plain_addresses, segment.address("tst"), _PRIORITY,
                                  interval=max(1, round(router.interval * 100)))
                lines.append(" ".join([str(lan), str(router.vrid), f"{to}{_MAC}0800{bytes(message).hex()}",
                                       *router.plain_addresses]))
        file = self._run.directory / "masters.txt"
        file.write_text("\n".join(lines) + "\n")
        return file

    def _start(self, *options):
        self._log.unlink(missing_ok=True)
        process = self._run.spawn([*self._argv, *map(str, options)], self._log)
        deadline = time.monotonic() + 20
        while "ready" not in self._said():
            if process.poll() is not None or time.monotonic() > deadline:
                raise MastersFailed(self._said())
            time.sleep(0.005)
        return process

    def _said(self):
        return self._log.read_text() if self._log.exists() else ""

    def _finish(self, process, seconds):
        if process.wait(seconds) != 0:
            raise MastersFailed(self._said())
        return self._said().splitlines()[1:]

    @contextlib.contextmanager
    def present(self, seconds):
        """All Masters are there as long as the with-statement lasts, at most so long."""
        process = self._start("--seconds", seconds)
        try:
            yield
        finally:
            process.terminate()
            process.wait()

    def lose(self, rounds, patience=20, stagger=False):
        """All Masters fall silent, so often: the takeovers of each round. A round in which the Backup did not become
        one is left out."""
        pulses = self._lans.load.settling
        process = self._start("--rounds", rounds, "--pulses", pulses, "--patience", patience,
                              *(["--stagger"] if stagger else []))
        seconds = rounds * (2 * patience + (pulses + 5) * self._lans.load.interval) + 20
        return list(self._rounds(self._finish(process, seconds)))

    def _rounds(self, lines):
        down = {(lan, router.vrid): router.master_down() * 1e9 for lan in range(self._lans.load.lans)
                for router in self._lans.load.of(lan)}
        takeovers = []
        for line in lines:
            if line in ("settled", "unsettled"):
                if line == "settled":
                    yield takeovers
                takeovers = []
                continue
            lan, vrid, last, first, *announced = map(int, line.split())
            due = last + down[lan, vrid]
            takeovers.append(Takeover(_ms(first, due), tuple(_ms(moment, first) for moment in announced),
                                      tuple(_ms(moment, due) for moment in announced)))

    @contextlib.contextmanager
    def listening(self, patience):
        """Yields a function that returns, when all of them were seen, each virtual router's first advert (ns)."""
        process = self._start("--pulses", 0, "--patience", patience)
        yield lambda: [int(line.split()[3]) for line in self._finish(process, patience + 20) if "settled" not in line]


def _ms(moment, since):
    return (moment - since) / 1e6 if moment and since else None
