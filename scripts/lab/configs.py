# SPDX-License-Identifier: BSD-2-Clause
"""keepalived.conf files for the guide's network."""

from .network import INTERFACE, ROUTERS, UPLINK, VIRTUAL_ADDRESS, VRID

PRIORITIES = {"dent2": 101, "dent3": 100}
_STATES = {"dent2": "MASTER", "dent3": "BACKUP"}
_OTHER = {"dent2": "dent3", "dent3": "dent2"}

_AUTHENTICATION = """
    authentication {
        auth_type PASS
        auth_pass %s
    }"""
_UNICAST = """
    unicast_src_ip %s
    unicast_peer {
        %s
    }"""
_NAT = f"""
    virtual_nat {{
        masquerade oif {UPLINK}
    }}"""


def _instance(name, timing, blocks):
    return f"""vrrp_instance VI_1 {{
    state {_STATES[name]}
    interface {INTERFACE}
    virtual_router_id {VRID}
    priority {PRIORITIES[name]}
    {timing}{"".join(blocks)}
    virtual_ipaddress {{
        {VIRTUAL_ADDRESS}/24
    }}%s
}}
"""


def _with_nat(text, nat):
    return text % (_NAT if nat else "")


def guide(name, nat, auth_pass="1212"):
    """The guide's own file: VRRPv2, unicast, PASS, one second. `virtual_nat` is ours: keepalived knows none."""
    source, peer = ROUTERS[name][0], ROUTERS[_OTHER[name]][0]
    return _with_nat(_instance(name, "advert_int 1", [_UNICAST % (source, peer), _AUTHENTICATION % auth_pass]), nat)


def multicast_v2(name, nat):
    return _with_nat(_instance(name, "advert_int 1", []), nat)


def multicast_v3(name, nat, interval="0.01"):
    return _with_nat(_instance(name, f"version 3\n    advert_int {interval}", []), nat)
