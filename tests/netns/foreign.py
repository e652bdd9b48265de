# SPDX-License-Identifier: BSD-2-Clause
"""xvrrpd, keepalived and FRR's vrrpd on one LAN, with a virtual router for each question; and what happens to them.

The story is played once: who starts, leaves, dies and comes back is the same for all virtual routers. The tests ask
afterwards what the wire saw of each.
"""

from dataclasses import dataclass, field

from checks import wait_until
from lab.capture import now
from lab.frr import FrrRouter
from lab.mastership import Mastership
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.segment import INTERFACE, Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

# The greater address wins a tie: keepalived loses it to us, and we to FRR.
MEMBERS = {"keepalived": 10, "ours": 20, "frr": 30}
PRIORITIES = {"ours-higher": (150, 100), "theirs-higher": (100, 150), "equal": (100, 100)}
# Version, family, unicast, interval.
KINDS = {
    "v2": (2, 4, False, 1.0),
    "v3-ipv4": (3, 4, False, 0.2),
    "v3-ipv6": (3, 6, False, 0.2),
    "v2-unicast": (2, 4, True, 1.0),
    "v3-ipv4-unicast": (3, 4, True, 0.2),
    "v3-ipv6-unicast": (3, 6, True, 0.2),
}
_PATIENCE = 20  # seconds, for a change that has to come


def kinds_of(peer):
    """FRR knows no unicast."""
    return [kind for kind, (_version, _family, unicast, _interval) in KINDS.items() if peer != "frr" or not unicast]


@dataclass(frozen=True)
class Case:
    """A virtual router that we share with a foreign one."""
    peer: str
    kind: str
    role: str
    vrid: int

    @property
    def name(self):
        return f"{self.peer}-{self.kind}-{self.role}"

    @property
    def family(self):
        return KINDS[self.kind][1]

    @property
    def key(self):
        return self.vrid, self.family

    @property
    def is_unicast(self):
        return KINDS[self.kind][2]

    @property
    def addresses(self):
        if self.family == 4:
            return f"198.51.100.{self.vrid}/32", f"203.0.113.{self.vrid}/32"
        return f"fe80::1:{self.vrid:x}/64", f"2001:db8::{self.vrid:x}/64"

    def at(self, host, segment):
        """This virtual router as it is configured on a host."""
        version, family, _unicast, interval = KINDS[self.kind]
        priority = PRIORITIES[self.role][0 if host == "ours" else 1]
        extra = ()
        if self.is_unicast:
            other = self.peer if host == "ours" else "ours"
            extra = (f"unicast_src_ip {segment.address(host, family)}", "unicast_peer {",
                     f"    {segment.address(other, family)}", "}")
            if host == "keepalived" and family == 6:
                extra += ("unicast_ttl 255",)  # its own is the kernel's, 64, which RFC 9568 5.1.2.3 has us drop
        return VirtualRouter(self.vrid, self.addresses, version, family, priority, interval, extra=extra)

    def preferred(self, holder):
        """The Master when both have been there for a while and `holder` was it before."""
        return {"ours-higher": "ours", "theirs-higher": self.peer}.get(self.role, holder)

    def winner_of_tie(self):
        """The Master after both have been it."""
        return self.preferred("ours" if MEMBERS["ours"] > MEMBERS[self.peer] else self.peer)


CASES = [Case(peer, kind, role, vrid) for vrid, (peer, kind, role) in enumerate(
    ((peer, kind, role) for peer in ("keepalived", "frr") for kind in kinds_of(peer) for role in PRIORITIES), 1)]


@dataclass
class Chapter:
    """Between two moments, one thing was done to the routers."""
    since: int
    before: dict  # the Masters until then, by virtual router
    expected: dict
    wrong: dict = field(default_factory=dict)  # whose Master was not the expected one at the end
    until: int = 0


class Story:
    def __init__(self, run):
        self.segment = Segment(run, MEMBERS)
        self.chapters = {}
        self._masters = {}
        self.routers = {
            "ours": XvrrpRouter(run, self.segment.hosts["ours"], self._configuration("ours")),
            "keepalived": KeepalivedRouter(run, self.segment.hosts["keepalived"], self._configuration("keepalived"),
                                           realtime=True),
            "frr": FrrRouter(run, self.segment, "frr", self.virtual_routers("frr")),
        }
        self.macs = {member: self.segment.mac(member) for member in MEMBERS}
        self.capture = self.segment.capture()
        self.mastership = Mastership(self.capture)

    def virtual_routers(self, host):
        return [case.at(host, self.segment) for case in CASES if host in ("ours", case.peer)]

    def _configuration(self, host):
        return keepalived_conf(self.virtual_routers(host))

    def play(self):
        ours, peers = [self.routers["ours"]], [self.routers["keepalived"], self.routers["frr"]]

        def each(action, routers):
            return lambda: [getattr(router, action)() for router in routers]

        def us(_case, _holder):
            return "ours"

        def them(case, _holder):
            return case.peer

        self._chapter("we start alone", each("start", ours), us)
        self._chapter("they join", each("launch", peers), Case.preferred)
        self._chapter("we leave", each("stop", ours), them)
        self._chapter("we come back", each("start", ours), Case.preferred)
        self._chapter("they leave", each("stop", peers), us)
        self._chapter("they come back", each("launch", peers), Case.preferred)
        self._chapter("we die", each("kill", ours), them)
        self._chapter("we rise", each("start", ours), Case.preferred)
        self._chapter("they die", each("kill", peers), us)
        self._chapter("they rise", each("launch", peers), Case.preferred)
        self._chapter("we are parted", self._part)
        self._chapter("we meet again", lambda: self.segment.plug("ours"), lambda case, _holder: case.winner_of_tie())

    def _chapter(self, name, action, master=None):
        expected = {case.key: master(case, self._masters.get(case.key)) for case in CASES} if master else {}
        chapter = Chapter(now(), dict(self._masters), expected)
        self.chapters[name] = chapter
        action()
        chapter.wrong = self.mastership.wait(expected, _PATIENCE, chapter.since)
        chapter.until = now()
        self._masters.update(expected)

    def _part(self):
        """We are unplugged until everybody is Master of everything. (Unicast adverts are not seen once the other's MAC
        address is forgotten.)"""
        self.segment.unplug("ours")
        since = now()

        def both_speak():
            adverts = self.mastership.adverts(since)
            return all(len({advert.port for advert in adverts[case.key]}) == 2 for case in CASES if not case.is_unicast)

        wait_until(both_speak, timeout=_PATIENCE, what="two Masters of everything")
