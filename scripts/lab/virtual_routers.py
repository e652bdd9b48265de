# SPDX-License-Identifier: BSD-2-Clause
"""Virtual routers as data, and how each implementation's configuration file writes them."""

from dataclasses import dataclass

from .segment import INTERFACE

@dataclass(frozen=True)
class VirtualRouter:
    vrid: int
    addresses: tuple  # as ADDRESS/LEN
    version: int = 3
    family: int = 4
    priority: int = 100
    interval: float = 1.0  # seconds
    preempt: bool = True
    interface: str = INTERFACE
    extra: tuple = ()  # further lines of a vrrp_instance block

    @property
    def name(self):
        return f"{self.interface}_v{self.family}_{self.vrid}"

    @property
    def plain_addresses(self):
        return tuple(address.partition("/")[0] for address in self.addresses)

    def skew(self, interval=None):
        """Skew_Time in seconds, for the interval learned from a Master or our own. VRRPv2's does not scale with the
        interval (RFC 3768 6.1), VRRPv3's does (RFC 9568 6.1)."""
        return (256 - self.priority) / 256 * (1 if self.version == 2 else interval or self.interval)

    def master_down(self, interval=None):
        """Master_Down_Interval in seconds, for the interval learned from a Master or our own."""
        return 3 * (interval or self.interval) + self.skew(interval)


def keepalived_conf(virtual_routers, first=""):
    """As keepalived and xvrrp read it; `first` is text to stand before the instances."""
    return first + "".join(_instance(router) for router in virtual_routers)


def _instance(router):
    lines = [f"interface {router.interface}", f"virtual_router_id {router.vrid}", f"priority {router.priority}",
             f"version {router.version}", f"advert_int {router.interval:g}"]
    # A preempting owner is MASTER from the start (keepalived makes others Backup for a Master_Down_Interval anyhow).
    lines.append(f"state {'MASTER' if router.priority == 255 else 'BACKUP'}")
    if not router.preempt:
        lines.append("nopreempt")
    lines += router.extra
    lines += ["virtual_ipaddress {", *(f"    {address}" for address in router.addresses), "}"]
    return f"vrrp_instance {router.name} {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


def frr_conf(virtual_routers):
    """As FRR's vrrpd reads it. It knows no unicast, authentication or owner: `extra` must be empty."""
    lines = []
    for router in virtual_routers:
        if router.extra or router.priority == 255:
            raise ValueError(f"FRR cannot be {router}")
        vrrp = f" vrrp {router.vrid}"
        lines += [f"interface {router.interface}", f"{vrrp} version {router.version}",
                  f"{vrrp} priority {router.priority}",
                  f"{vrrp} advertisement-interval {round(router.interval * 1000)}"]
        if not router.preempt:
            lines.append(f" no{vrrp} preempt")
        word = "ip" if router.family == 4 else "ipv6"
        lines += [f"{vrrp} {word} {address}" for address in router.plain_addresses]
        lines.append("exit")
    return "\n".join(lines) + "\n"
