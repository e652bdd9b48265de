# SPDX-License-Identifier: BSD-2-Clause
"""xvrrpd and Debian's keepalived as each other's peer, in both roles."""

import functools
import os

import pytest

from checks import assert_on_time, wait_until
from lab import configs
from lab.capture import now
from lab.routers import KeepalivedRouter, OwnTimerRouter, XvrrpRouter
from lab.staging import staged
from lab.timers import Timers

# Their own timers are late now and then; the RFC's must still be recognisable.
KEEPALIVED_LATE_MS = 350
# From its execution to its first advert: a guest of scripts/vm is ten times slower.
START_LATE_MS = 8000 if "XVRRP_VM" in os.environ else 1000

CONFIGURATIONS = {
    "v2-unicast-pass": (configs.guide, Timers(2, 1000)),
    "v2-multicast": (configs.multicast_v2, Timers(2, 1000)),
    "v3-multicast": (functools.partial(configs.multicast_v3, interval="0.2"), Timers(3, 200)),
}
ROLES = {
    "xvrrpd-is-master": (XvrrpRouter, KeepalivedRouter),
    "keepalived-is-master": (KeepalivedRouter, XvrrpRouter),
}
# As on a kernel that refuses bpf_timer.
OWN_TIMER_ROLES = {
    "xvrrpd-is-master": (OwnTimerRouter, KeepalivedRouter),
    "keepalived-is-master": (KeepalivedRouter, OwnTimerRouter),
}


@pytest.mark.parametrize("roles", ROLES.values(), ids=ROLES)
@pytest.mark.parametrize("configuration, timers", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_takeover_both_ways(run, xvrrpd, configuration, timers, roles):
    take_over_both_ways(run, roles, configuration, timers)


@pytest.mark.parametrize("roles", OWN_TIMER_ROLES.values(), ids=OWN_TIMER_ROLES)
def test_takeover_both_ways_by_the_controllers_timer(run, xvrrpd, roles):
    take_over_both_ways(run, roles, *CONFIGURATIONS["v3-multicast"])


def take_over_both_ways(run, roles, configuration, timers):
    with staged(run, roles, configuration, timers) as stage:
        stage.begin()
        assert stage.routers["dent2"].state() == "MASTER"
        assert stage.routers["dent3"].state() == "BACKUP"
        assert_on_time(stage.stop(), "dent3", KEEPALIVED_LATE_MS)
        assert_on_time(stage.start(), "dent2", START_LATE_MS)
        wait_until(lambda: stage.routers["dent3"].state() == "BACKUP", what="DENT3 as Backup")
        assert_on_time(stage.kill(), "dent3", KEEPALIVED_LATE_MS)


@pytest.mark.parametrize("roles", ROLES.values(), ids=ROLES)
def test_wrong_password(run, xvrrpd, roles):
    """Neither believes the other: both are Master, and xvrrpd counts why.

    xvrrpd's adverts go on. keepalived 2.2.7's do not: each advert it drops restarts its own timer.
    """
    def configuration(name, nat):
        return configs.guide(name, nat, auth_pass={"dent2": "1212", "dent3": "4711"}[name])

    with staged(run, roles, configuration, Timers(2, 1000)) as stage:
        for router in stage.routers.values():
            router.start()
        for router in stage.routers.values():
            router.wait_state(15, "MASTER")
        [ours] = [router for router in stage.routers.values() if isinstance(router, XvrrpRouter)]
        wait_until(lambda: ours.counter("auth_data") >= 1, what="an advert counted as auth_data")
        since = now()
        stage.observer.first_advert(ours.name, 10, since, count=3)
        assert [router.state() for router in stage.routers.values()] == ["MASTER", "MASTER"]
