# SPDX-License-Identifier: BSD-2-Clause
"""The routers that are measured side by side, by turns, with the same virtual routers in their files."""

from dataclasses import dataclass

from lab.routers import KeepalivedRouter, OwnTimerRouter, XvrrpRouter
from lab.virtual_routers import keepalived_conf


@dataclass(frozen=True)
class Contender:
    name: str
    kind: type
    global_defs: tuple = ()
    options: tuple = ()  # of its class

    def make(self, run, host, virtual_routers):
        """A daemon in a host, not started yet."""
        first = "global_defs {\n" + "".join(f"    {line}\n" for line in self.global_defs) + "}\n"
        return self.kind(run, host, keepalived_conf(virtual_routers, first), **dict(self.options))


OURS = "xvrrp"  # the contender, and how the names of its variants begin
_AS_INSTALLED = (("detail", False),)
# With real-time priority a keepalived that has much to do is killed after 10 ms of work, unless it is told otherwise.
_REALTIME = ("vrrp_rt_priority 50", "vrrp_no_swap", "vrrp_rlimit_rttime 10000000")
CONTENDERS = {contender.name: contender for contender in (
    Contender(OURS, XvrrpRouter),
    Contender("keepalived", KeepalivedRouter, options=_AS_INSTALLED),
    Contender("keepalived-rt", KeepalivedRouter, _REALTIME, _AS_INSTALLED),
    Contender("xvrrp-own-timer", OwnTimerRouter),
)}
USUAL = (OURS, "keepalived", "keepalived-rt")


def others(by):
    """What a figure holds of those that are not ours."""
    return [part for name, part in by.items() if not name.startswith(OURS)]
