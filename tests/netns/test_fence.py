# SPDX-License-Identifier: BSD-2-Clause
"""A Master whose daemon is killed or stopped: the kernel fences it before another takes over.

A third host asks for the virtual address every millisecond (answers.py). What is judged is what leaves each router,
as the switch sees it: from the first advert of the new Master on, the old one answers nobody.
"""

import json
import signal
import time
from dataclasses import dataclass

import pytest

from checks import wait_until
from lab import processes
from lab.answers import Asker
from lab.capture import now
from lab.mastership import Mastership
from lab.packets import Advert
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

MEMBERS = {"old": 1, "new": 2, "host": 9}
PRIORITIES = {"old": 200, "new": 100}
VRID = 7
ADDRESSES = {4: ("192.0.2.100/32",), 6: ("fe80::100/64", "2001:db8::100/64")}
TARGETS = {4: "192.0.2.100", 6: "2001:db8::100"}
# Version, family, interval.
KINDS = {"v2-1s": (2, 4, 1.0), "v3-10ms": (3, 4, 0.01), "v3-ipv6-100ms": (3, 6, 0.1)}
BESIDE = 1.0  # seconds: how long the old Master is watched beside the new one
FENCED = 100  # packets, of about a thousand in that time
LEASE_ADVERTS = 2.5  # of the three that a Backup waits for
PATIENCE = 20
ROUNDS = 5
AT_ONCE = 3  # adverts of a Master that wakes: to those heard, the one that is due, and to one heard right then


@dataclass(frozen=True)
class Beside:
    """An old Master's conduct beside the new one."""
    dual: int  # answers of the old one after the new one's first advert
    dual_ms: float  # from that advert to the last of them, within BESIDE
    fenced_ms: float  # from the old one's last advert to its last answer
    refused_ms: float  # from the same to the first echo request that it did not answer
    takeover_ms: float  # from the old one's last advert to the new one's first

    def __str__(self):
        return (f"{self.dual} dual answers in {self.dual_ms:.0f} of {BESIDE * 1000:.0f} ms; after its last advert the old "
                f"Master answered for {self.fenced_ms:.1f} ms, the new one advertised after {self.takeover_ms:.1f} ms")


class Pair:
    """Two routers and the host that asks them."""

    def __init__(self, run, kind, old=XvrrpRouter, extra=(), priorities=PRIORITIES):
        self.version, self.family, self.interval = kind
        self.segment = Segment(run, MEMBERS)
        self.key = {"vrid": VRID, "family": self.family}
        makers = {"old": old, "new": XvrrpRouter}
        self.routers = {name: maker(run, self.segment.hosts[name], keepalived_conf([VirtualRouter(
            VRID, ADDRESSES[self.family], self.version, self.family, priorities[name], self.interval,
            extra=extra if maker is XvrrpRouter else ())]), **({"realtime": True} if maker is KeepalivedRouter else {}))
            for name, maker in makers.items()}
        self.asker = Asker(self.segment, "host", ("old", "new"))
        self.mastership = Mastership(self.asker.capture)

    def __enter__(self):
        self.asker.__enter__()
        return self

    def __exit__(self, *exception):
        # A stopped daemon would not hear the end of the run.
        if self.routers["old"].is_running():
            processes.send_signal(self.routers["old"].pid(), signal.SIGCONT)
        self.asker.__exit__(*exception)

    @property
    def old(self):
        return self.routers["old"]

    def begin(self, names=("old", "new")):
        for name in names:
            self.routers[name].start()
        self.asker.begin(TARGETS[self.family])
        self.settle()

    def settle(self, since=None):
        """One Master, the old one, whom the host reaches; the other is silent."""
        wrong = self.mastership.wait({(VRID, self.family): "old"}, PATIENCE, since, count=5)
        assert wrong == {}, "the old Master is not the only one"
        self.asker.wait("old")
        wait_until(lambda: not self.asker.answers("new", now() - 100_000_000), what="a Backup that answers nobody")

    def adverts(self, port, since=0):
        return self.asker.capture.select(Advert, since, port=port, **self.key)

    def counters(self):
        return self.old.counters(VRID, self.family)

    def beside(self, strike):
        """What the old Master does beside the new one, after `strike` has disabled its daemon."""
        moment = strike()
        takeover = self.asker.capture.wait(Advert, PATIENCE, moment, port="new", **self.key)[0].time
        self.asker.wait("new", PATIENCE, takeover)
        wait_until(lambda: now() - takeover > BESIDE * 1e9, what="the end of the watch", timeout=PATIENCE)
        silent_since = self.adverts("old")[-1].time
        assert silent_since < takeover, "the old Master still advertises"
        dual = [answer for answer in self.asker.answers("old", takeover) if answer.time < takeover + BESIDE * 1e9]
        end = takeover + int(BESIDE * 1e9)
        last = self.asker.last_answer("old", silent_since, end)
        refused = min(self.asker.lost("old", silent_since, end), default=end)
        return Beside(len(dual), (dual[-1].time - takeover) / 1e6 if dual else 0.0,
                      (last - silent_since) / 1e6 if last else 0.0, (refused - silent_since) / 1e6,
                      (takeover - silent_since) / 1e6)


def stop(router):
    moment = now()
    processes.send_signal(router.pid(), signal.SIGSTOP)
    return moment


def resume(router):
    moment = now()
    processes.send_signal(router.pid(), signal.SIGCONT)
    return moment


def assert_fenced(pair, beside):
    """The fence began when the lease ran out, before the takeover, and the counters say so."""
    assert beside.dual == 0
    lease_ms = LEASE_ADVERTS * pair.interval * 1000
    assert beside.refused_ms < beside.takeover_ms
    assert 0.85 * lease_ms < beside.refused_ms, "the fence begins before the lease ends"
    assert beside.fenced_ms < 1.15 * lease_ms, "the fence does not begin with the end of the lease"
    counters = pair.counters()
    assert counters["lease_expired"] >= 1
    # What was asked while the new one was watched was refused; a busy machine asks less often than it should.
    assert counters["fenced"] > FENCED
    assert counters["fenced_neighbour"] > FENCED


@pytest.mark.seconds(120)
@pytest.mark.parametrize("kind", KINDS)
def test_the_old_master_is_silent(run, xvrrpd, kind, record_property):
    with Pair(run, KINDS[kind]) as pair:
        pair.begin()
        stopped = pair.beside(lambda: stop(pair.old))
        print(f"{kind} SIGSTOP: {stopped}")
        record_property("SIGSTOP", stopped)
        assert_fenced(pair, stopped)
        # Back again: one Master, who answers. What it heard meanwhile is not answered one by one.
        woken = resume(pair.old)
        pair.settle(woken)
        at_once = [advert for advert in pair.adverts("old", woken) if advert.time < woken + pair.interval * 0.3e9]
        assert len(at_once) <= AT_ONCE
        wait_until(lambda: pair.routers["new"].state() == "BACKUP", what="one Master")

        killed = pair.beside(pair.old.kill)
        print(f"{kind} SIGKILL: {killed}")
        record_property("SIGKILL", killed)
        assert_fenced(pair, killed)
        pair.old.start()
        pair.settle()
        dropped, since = pair.counters()["fenced"], now()  # the new daemon goes on with the counters of the old
        pair.asker.wait("old", since=since, count=200)
        assert pair.counters()["fenced"] == dropped


@pytest.mark.seconds(120)
@pytest.mark.parametrize("kind", ["v3-10ms", "v3-ipv6-100ms"])
def test_keepalived_answers_beside_the_new_master(run, xvrrpd, kind, record_property):
    """What the fence is for: keepalived in the old Master's place, told and not judged but for being seen at all."""
    with Pair(run, KINDS[kind], old=KeepalivedRouter) as pair:
        pair.begin()
        stopped = pair.beside(lambda: stop(pair.old))
        print(f"{kind} keepalived SIGSTOP: {stopped}")
        record_property("keepalived SIGSTOP", stopped)
        assert stopped.dual > 0
        pair.settle(resume(pair.old))
        killed = pair.beside(pair.old.kill)
        print(f"{kind} keepalived SIGKILL: {killed}")
        record_property("keepalived SIGKILL", killed)
        assert killed.dual > 0


@pytest.mark.parametrize("family", (4, 6))
def test_woken_under_a_better_master(run, xvrrpd, family):
    """The new Master is the better one: the old one yields when it wakes, and says and answers nothing before."""
    with Pair(run, (3, family, 0.1), priorities={"old": 100, "new": 200}, extra=("nopreempt",)) as pair:
        pair.begin(names=("old",))
        for number in range(ROUNDS):
            pair.routers["new"].start()
            pair.settle()
            moment = stop(pair.old)
            takeover = pair.asker.capture.wait(Advert, PATIENCE, moment, port="new", **pair.key)[0].time
            pair.asker.wait("new", PATIENCE, takeover)
            resume(pair.old)
            pair.old.wait_state(5, "BACKUP")
            pair.asker.wait("new")
            assert pair.asker.answers("old", takeover) == []
            assert pair.adverts("old", takeover) == []
            assert pair.counters()["lease_expired"] == number + 1
            pair.routers["new"].stop()
            pair.settle()


@pytest.mark.parametrize("family", (4, 6))
def test_a_short_pause_is_no_fence(run, xvrrpd, family):
    """Stopped for longer than an interval and shorter than the lease: nobody notices."""
    interval = 0.4
    with Pair(run, (3, family, interval)) as pair:
        pair.begin()
        advert = pair.asker.capture.wait(Advert, 5, now(), port="old", **pair.key)[0]
        try:
            stop(pair.old)
            time.sleep(1.5 * interval)  # the pause is what is tested
        finally:
            woken = resume(pair.old)
        pair.asker.capture.wait(Advert, 5, woken, 2, port="old", **pair.key)
        assert pair.asker.lost("old", advert.time, woken) == []
        assert pair.counters().get("lease_expired", 0) == 0
        assert pair.adverts("new", advert.time) == []


@pytest.mark.parametrize("family", (4, 6))
def test_a_master_alone(run, xvrrpd, family):
    """It is fenced although nobody takes over, and answers again with its first advert."""
    with Pair(run, (3, family, 0.1)) as pair:
        pair.begin(names=("old",))
        stopped = stop(pair.old)
        try:
            wait_until(lambda: pair.counters().get("fenced", 0) > 100, what="fenced packets")
            fenced = now()
            assert pair.asker.asked(stopped, fenced) > 0
            assert not pair.asker.answers("old", fenced)
        finally:
            woken = resume(pair.old)
        advert = pair.asker.capture.wait(Advert, 5, woken, port="old", **pair.key)[0]
        pair.asker.wait("old", since=advert.time)
        counters = pair.counters()
        assert counters["lease_expired"] == 1
        # The fence is gone: nothing is refused any more.
        pair.asker.wait("old", count=100)
        assert pair.counters()["fenced"] == counters["fenced"]


@pytest.mark.parametrize("priority", (255, 200), ids=("owner", "operator"))
@pytest.mark.parametrize("family", (4, 6))
def test_the_operators_addresses_are_not_fenced(run, xvrrpd, family, priority):
    """What was there before us is not ours to take away."""
    with Pair(run, (3, family, 0.1), priorities={"old": priority, "new": 100}) as pair:
        namespace, interface = pair.segment.hosts["old"], pair.segment.interface
        for address in ADDRESSES[family]:
            namespace.ip("addr", "add", address, "dev", interface, *(("nodad",) if family == 6 else ()))
        pair.begin(names=("old",))
        stop(pair.old)
        try:
            wait_until(lambda: pair.counters().get("lease_expired", 0) == 1, what="the end of the lease")
            expired = now()
            pair.asker.wait("old", since=expired, count=200)
            assert pair.asker.lost("old", expired, expired + 100_000_000) == []
            assert pair.counters().get("fenced", 0) == 0
        finally:
            resume(pair.old)


@pytest.fixture
def waited(run, xvrrpd):
    """How long a Master that was stopped answers after its last advert, in ms, by lease_ms."""
    def measure(lease_ms):
        with Pair(run, (3, 4, 0.2), extra=(f"lease_ms {lease_ms}",)) as pair:
            pair.begin(names=("old",))
            stop(pair.old)
            wait_until(lambda: pair.counters().get("fenced", 0) > 100, what="fenced packets")
            last_advert = pair.adverts("old")[-1].time
            return (pair.asker.last_answer("old", last_advert, now()) - last_advert) / 1e6
    return measure


@pytest.mark.parametrize("lease_ms", (300, 900))
def test_the_lease_is_as_configured(waited, lease_ms, record_property):
    milliseconds = waited(lease_ms)
    print(f"lease_ms {lease_ms}: fenced after {milliseconds:.1f} ms")
    record_property("fenced after ms", milliseconds)
    assert 0.8 * lease_ms < milliseconds < 1.2 * lease_ms


def test_no_lease_no_fence(run, xvrrpd):
    """lease_ms 0: as it was before there were leases."""
    with Pair(run, (3, 4, 0.1), extra=("lease_ms 0",)) as pair:
        pair.begin()
        assert pair.beside(lambda: stop(pair.old)).dual > 0
        assert pair.counters().get("lease_expired", 0) == 0


# ---- adverts that the kernel refuses ----

def refuse_by_nftables(pair):
    """As an egress policy that forgot VRRP: sendmsg() is refused, everything else leaves."""
    namespace, interface = pair.segment.hosts["old"], pair.segment.interface
    namespace.run("nft", "-f", "-", stdin=f"""table netdev refusal {{
        chain out {{
            type filter hook egress device {interface} priority 0;
            meta l4proto 112 drop
        }}
    }}""")
    return lambda: namespace.run("nft", "delete", "table", "netdev", "refusal")


@pytest.mark.seconds(60)
@pytest.mark.parametrize("family", [4, 6])
def test_adverts_that_do_not_leave_renew_no_lease(run, xvrrpd, family):
    """Nobody hears such a Master: it is fenced before its Backup takes over, and says why. Once its adverts leave again
    it is the Master."""
    with Pair(run, (3, family, 0.1)) as pair:
        pair.begin()
        undo = []

        def strike():
            moment = now()
            undo.append(refuse_by_nftables(pair))
            return moment

        beside = pair.beside(strike)
        assert beside.dual == 0
        assert beside.refused_ms < beside.takeover_ms
        instance = pair.old.instance(VRID, family)
        assert instance["state"] == "MASTER" and instance["advert_error"]
        assert instance["counters"]["adverts_refused"] > 0
        findings = json.loads(pair.old.vrrpctl("doctor", "--json", "--no-probe", check=False).stdout)["findings"]
        assert "adverts_refused" in [finding["code"] for finding in findings]
        wait_until(lambda: f"{instance['name']}: the kernel refuses adverts on {pair.segment.interface}"
                   in pair.old.log_tail(), what="a line in the log")
        undo[0]()
        pair.settle(now())
        wait_until(lambda: pair.old.instance(VRID, family)["advert_error"] is None, what="adverts that leave")


def test_one_unicast_peer_that_can_be_reached_is_enough(run, xvrrpd):
    """To that peer we are Master, so the lease is renewed; what the others did not get is told all the same."""
    with Pair(run, (3, 4, 0.1), extra=("unicast_peer {", "192.0.2.2", "192.0.2.66", "}")) as pair:
        pair.begin(names=("old",))
        pair.segment.hosts["old"].run("nft", "-f", "-", stdin="""table ip refusal {
            chain out {
                type filter hook output priority 0;
                ip protocol 112 ip daddr 192.0.2.66 drop
            }
        }""")
        wait_until(lambda: pair.old.instance(VRID)["counters"]["adverts_refused"] > 5, what="refused adverts")
        assert pair.counters().get("lease_expired", 0) == 0
        refused = now()
        pair.asker.wait("old", since=refused, count=100)
