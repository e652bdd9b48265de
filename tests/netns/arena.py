# SPDX-License-Identifier: BSD-2-Clause
"""One xvrrpd with many virtual routers, alone with a speaker that plays every other router."""

from dataclasses import dataclass, replace

from checks import wait_until
from lab.capture import now
from lab.packets import Advert
from lab.routers import XvrrpRouter
from lab.segment import INTERFACE, Segment
from lab.speaker import Message, Speaker, goodbye
from lab.virtual_routers import VirtualRouter, keepalived_conf

# The harness of the requirements list: it can lose and win a tie against either.
MEMBERS = {"dut": 251, "tst": 252}
# A timer is never early by more than two reads of two clocks, and on a busy machine not later than this. Timers that
# must be told apart are farther apart.
EARLY_S, LATE_S = 0.002, 0.4


@dataclass(frozen=True)
class Contender:
    """A virtual router of ours, and what the speaker says to it."""
    router: VirtualRouter

    @property
    def key(self):
        return {"vrid": self.router.vrid, "family": self.router.family}

    @property
    def wire_interval(self):
        return round(self.router.interval * (1 if self.router.version == 2 else 100))

    def message(self, **fields):
        """An advert of a better Master that agrees with us on everything."""
        source = "192.0.2.252" if self.router.family == 4 else "fe80::fc"
        return replace(Message(self.router.vrid, self.router.plain_addresses, source, 200, self.router.version,
                               self.wire_interval), **fields)


def virtual_router(vrid, family, interface=INTERFACE, **options):
    """One whose addresses nobody else has, in either family or on another interface."""
    number = f"{int(interface[-1])}:{vrid:x}"
    addresses = ((f"10.{8 + int(interface[-1])}.0.{vrid}/32",) if family == 4
                 else (f"fe80::b:{number}/64", f"2001:db8::b:{number}/64"))
    return VirtualRouter(vrid, addresses, family=family, interface=interface, **options)


def contenders(names_and_options, kinds):
    """By name "KIND:NAME"; VRIDs are dealt in order, the same in both families."""
    made = {}
    for kind, (version, family, interval) in kinds.items():
        for vrid, (name, options) in enumerate(names_and_options.items(), 1):
            vrid += 100 if version == 2 else 0
            addresses = ((f"10.8.{version}.{vrid}/32",) if family == 4
                         else (f"fe80::a:{vrid:x}/64", f"2001:db8::a:{vrid:x}/64"))
            made[f"{kind}:{name}"] = Contender(VirtualRouter(
                vrid, addresses, version, family, **{"interval": interval, **options}))
    return made


class Arena:
    def __init__(self, run, contenders, make_router=XvrrpRouter):
        self.run, self.segment = run, Segment(run, MEMBERS)
        self.contenders = contenders
        self.dut = make_router(run, self.segment.hosts["dut"],
                               keepalived_conf([contender.router for contender in contenders.values()]))
        self.mac = self.segment.mac("dut")
        self.capture = self.segment.capture()
        self.speaker = Speaker(self.segment.hosts["tst"], self.segment.interface)

    def __enter__(self):
        self.capture.__enter__()
        return self

    def __exit__(self, *exception):
        self.capture.__exit__(*exception)
        self.speaker.__exit__(*exception)

    # ---- what is said and seen ----

    def say(self, contender, message):
        """Returns the message as it left the speaker's port."""
        since = self.speaker.say(message)
        return self.capture.wait(Advert, 5, since, port="tst", **contender.key)[-1]

    def said(self, contender, since=0):
        """The speaker's adverts, as they left its port."""
        return self.capture.select(Advert, since, port="tst", **contender.key)

    def ours(self, contender, since=0):
        return self.capture.select(Advert, since, port="dut", **contender.key)

    def next_advert(self, contender, since, timeout=20, count=1):
        """The first of our adverts since a time, or the first of so many."""
        return self.capture.wait(Advert, timeout, since, count, port="dut", **contender.key)[:count]

    def state(self, contender):
        return self.dut.instance(contender.router.vrid, contender.router.family)["state"]

    def reason(self, contender):
        return self.dut.instance(contender.router.vrid, contender.router.family)["reason"]

    def counters(self, contender):
        return self.dut.counters(contender.router.vrid, contender.router.family)

    # ---- bringing it into a state ----

    def ensure_master(self, contender):
        if self.state(contender) != "MASTER":
            self.speaker.say(goodbye(contender.message()))
            wait_until(lambda: self.state(contender) == "MASTER", what="MASTER")

    def as_master(self, contender):
        """Returns an advert of ours that has just been sent: the next is an interval away."""
        self.ensure_master(contender)
        return self.next_advert(contender, now())[0]

    def as_backup(self, contender, **fields):
        """By one advert of a better Master; returns it, as the wire has it."""
        advert = self.say(contender, contender.message(**fields))
        wait_until(lambda: self.state(contender) == "BACKUP", what="BACKUP")
        return advert

    def assert_timer(self, contender, start, seconds):
        """Our next advert comes so long after the packet that started the timer."""
        advert = self.next_advert(contender, start.time)[0]
        late = (advert.time - start.time) / 1e9 - seconds
        assert -EARLY_S < late < LATE_S, f"late by {late:.4f} s"
        return advert
