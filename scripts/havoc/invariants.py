# SPDX-License-Identifier: BSD-2-Clause
"""What must hold whatever happens, judged from outside: on the wire, and by what a router leaves."""

import pathlib
from collections import defaultdict

from lab import processes
from lab.answers import Asker
from lab.mastership import Mastership
from lab.packets import Advert
from lab.run import PINS, STATE

from .arena import ADDRESS, HOST, KEYS

# How long two routers may answer one question each: a Master that goes on until its successor is heard, or is told of a better
# one, on a machine that is busy.
DUAL_MS = 300
# How long a virtual router may be without adverts while one of its routers is in no trouble, beyond the longest
# Master_Down_Interval (VRRPv2 at a second: below 4 s): the machine's own pauses.
LATE_S = 2
SILENT_S = {1: 0.4 + LATE_S, 2: 0.4 + LATE_S, 3: 4 + LATE_S}
SETTLED_S = 20  # until the best router is the Master of each again


class Violation(Exception):
    """Something did not hold."""


class Watch:
    """Watches a round; a context manager."""

    def __init__(self, arena):
        self._arena = arena
        self._asker = Asker(arena.segment, HOST, arena.names, interval=0.002, seconds=300)
        self._mastership = Mastership(self._asker.capture)

    def __enter__(self):
        self._asker.__enter__()
        self._asker.begin(ADDRESS)
        return self

    def __exit__(self, *exception):
        self._asker.__exit__(*exception)

    def settle(self):
        """Every virtual router has its best Master, which answers, alone, and has the addresses."""
        best = self._arena.best()
        wrong = self._mastership.wait(best, SETTLED_S, count=3)
        if wrong:
            raise Violation(f"after {SETTLED_S} s the Masters are not the best routers: {wrong} (expected {best})")
        try:
            self._asker.wait(best[KEYS[0]], SETTLED_S)
        except TimeoutError as error:
            raise Violation(f"{best[KEYS[0]]} is Master, and does not answer: {error}") from None

    def wait_answers(self, name, count):
        self._asker.wait(name, SETTLED_S, count=count)

    def judge(self, since, until):
        self._judge_dual_answers(since, until)
        self._judge_silence(since, until)

    def _judge_dual_answers(self, since, until):
        """By question: an echo request is sent to each router at one moment."""
        answered = defaultdict(set)
        times = {}
        for name in self._arena.names:
            for answer in self._asker.answers(name, since, question="echo"):
                if answer.time < until:
                    answered[answer.index].add(name)
                    times.setdefault(answer.index, answer.time)
        begun, who = None, set()
        for index in sorted(answered):
            if len(answered[index]) < 2:
                begun, who = None, set()
                continue
            begun = begun or times[index]
            who |= answered[index]
            if times[index] - begun > DUAL_MS * 1e6:
                raise Violation(f"{' and '.join(sorted(who))} answered for {ADDRESS} for more than {DUAL_MS} ms side by side")

    def _judge_silence(self, since, until):
        for vrid, family in KEYS:
            last = since
            adverts = self._asker.capture.select(Advert, since, vrid=vrid, family=family)
            for moment in [*(advert.time for advert in adverts if advert.priority > 0 and advert.time < until), until]:
                if moment - last > SILENT_S[vrid] * 1e9:
                    raise Violation(f"VRID {vrid}: no advert for {(moment - last) / 1e9:.2f} s, though a router was in no trouble")
                last = moment


def resources(router):
    """Open files, and memory in KiB, of a daemon."""
    pid = router.pid()
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    memory = int(status.partition("VmRSS:")[2].split()[0])
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir())), memory


# What a daemon may have beyond what it had at its start: a client of its control socket; memory of the history it keeps, and
# what an allocator does not give back.
_MORE_FILES, _MORE_KIB = 4, 16 * 1024


def judge_resources(name, before, after):
    if after[0] > before[0] + _MORE_FILES:
        raise Violation(f"{name} has {after[0]} open files, {before[0]} at its start")
    if after[1] > before[1] + _MORE_KIB:
        raise Violation(f"{name} has {after[1]} KiB, {before[1]} KiB at its start")


def judge_leftovers(arena, name):
    """Of a router that has ended."""
    namespace = arena.segment.hosts[name]
    instance = namespace.name
    if left := arena.virtual_addresses(name):
        raise Violation(f"{name} has ended, and left {', '.join(left)}")
    rules = namespace.run("nft", "list", "ruleset").stdout.strip()
    if "xvrrp" in rules:
        raise Violation(f"{name} has ended, and left in nftables:\n{rules}")
    if "prog/xdp" in namespace.ip("-d", "link", "show"):
        raise Violation(f"{name} has ended, and left an XDP program")
    if (PINS / instance).exists():
        raise Violation(f"{name} has ended, and left its pins")
    # The lock stays: whoever removes it may remove a successor's.
    if left := [path.name for path in STATE.glob(f"{instance}.*") if path.suffix not in (".lock",)]:
        raise Violation(f"{name} has ended, and left {left} in {STATE}")
    if orphans := [pid for pid in _pids_of(instance) if processes.start_time(pid)]:
        raise Violation(f"{name} has ended, and left the processes {orphans}")


def _pids_of(instance):
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if instance.encode() in entry.read_bytes().split(b"\0"):
                yield int(entry.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
