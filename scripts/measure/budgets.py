# SPDX-License-Identifier: BSD-2-Clause
"""What xvrrp promises, held against a record."""

from dataclasses import dataclass

from .conditions import FLOODS
from .contenders import OURS, others
from .record import figures
from .table import judged

_HEADING = ["budget", "limit", "measured", "kept"]


@dataclass(frozen=True)
class Budget:
    """`measure` makes a number of a record, or None when the record does not hold it; it is to be at most `limit`."""
    what: str
    limit: float
    unit: str
    measure: object


def _of(scenario, case, what, pick=judged):
    """One figure of ours."""
    def measure(record):
        return next((pick(figure["by"][OURS]) for figure in figures(record, scenario, case, what)
                     if OURS in figure["by"]), None)
    return measure


def _worst(part):
    return part["max"]


def _share(scenario, case, what):
    """Ours, of the better keepalived's."""
    def measure(record):
        for figure in figures(record, scenario, case, what):
            theirs = min(map(judged, others(figure["by"])), default=0)
            if OURS in figure["by"] and theirs > 0:
                return judged(figure["by"][OURS]) / theirs
        return None
    return measure


def _in_case(scenario, beginning, what, pick=judged):
    """One figure of ours, of the case that begins so: how long it was measured is part of its name."""
    def measure(record):
        return next((pick(figure["by"][OURS]) for figure in figures(record, scenario, what=what)
                     if figure["case"].startswith(beginning) and OURS in figure["by"]), None)
    return measure


_LATE, _ARP = "first advert late", "gratuitous ARP after it"
_LAST_LATE, _LAST_ARP = "first advert late, the last VR", "gratuitous ARP late, the last address"
BUDGETS = (
    Budget("takeover at 10 ms, idle: p99 late", 0.3, "ms", _of("takeover", "10 ms, idle", _LATE)),
    Budget("takeover at 10 ms, all cores busy: p99 late", 0.3, "ms", _of("takeover", "10 ms, busy", _LATE)),
    Budget("gratuitous ARP after that advert, idle: p99", 0.3, "ms", _of("takeover", "10 ms, idle", _ARP)),
    Budget("gratuitous ARP after that advert, busy: p99", 0.3, "ms", _of("takeover", "10 ms, busy", _ARP)),
    Budget("gratuitous ARP after that advert, use_vmac: p99", 0.05, "ms", _of("takeover", "10 ms, use_vmac, idle", _ARP)),
    Budget("250 VRs at 10 ms at once: every advert late", 5, "ms", _of("mass", "250 VRs, 10 ms", _LAST_LATE, _worst)),
    Budget("250 VRs at 10 ms at once: every gratuitous ARP late", 8, "ms",
           _of("mass", "250 VRs, 10 ms", _LAST_ARP, _worst)),
    Budget("50 VRs x 10 addresses at once: every advert late", 3, "ms",
           _of("mass", "50 VRs x 10 addresses, 10 ms", _LAST_LATE, _worst)),
    Budget("50 VRs x 10 addresses at once: every gratuitous ARP late", 10, "ms",
           _of("mass", "50 VRs x 10 addresses, 10 ms", _LAST_ARP, _worst)),
    Budget("250 VRs at 10 ms, the Master's daemon: CPU of each frame sent, of keepalived's", 0.1, "",
           _share("cost", "250 VRs, 10 ms, Master", "daemon's CPU, each frame sent")),
    Budget("250 VRs at 10 ms, the Backup's daemon: wake-ups", 0, "a second",
           _of("cost", "250 VRs, 10 ms, Backup", "daemon's wake-ups")),
    *(Budget(f"flood of {flood}: false takeovers", 0, "", _in_case("endurance", flood, "Backup takes over"))
      for flood in FLOODS[:3]),
    Budget("flood of foreign VRIDs: the Backup's daemon's CPU", 1, "% of a core",
           _in_case("endurance", "foreign VRIDs", "Backup's CPU")),
    Budget("flood of foreign VRIDs: the Master's daemon's CPU", 1, "% of a core",
           _in_case("endurance", "foreign VRIDs", "Master's CPU")),
    Budget("flood of foreign VRIDs: adverts missed", 0, "", _in_case("endurance", "foreign VRIDs", "adverts missed")),
    *(Budget(f"flood of {flood}: the Master's largest gap", 20, "ms",
             _in_case("endurance", flood, "from advert to advert", _worst)) for flood in FLOODS[1:3]),
    Budget("XDP, a packet that is not VRRP", 15, "ns", _of("xdp", "not VRRP", "over an empty program")),
    Budget("XDP, an advert that restarts the timer", 150, "ns",
           _of("xdp", "advert that restarts Master_Down_Timer, v3", "over an empty program")),
    *(Budget(f"{blow} of the Master's daemon: its last answer", 25, "ms",
             _of("fence", blow, "last answer, after the last advert", _worst)) for blow in ("SIGKILL", "SIGSTOP")),
    *(Budget(f"{blow} of the Master's daemon: answers beside the new Master", 0, "",
             _of("fence", blow, "answers beside the new Master")) for blow in ("SIGKILL", "SIGSTOP")),
)


def judge(record):
    """Rows of a table, its heading first; a budget that was not measured has none."""
    rows = [_HEADING]
    for budget in BUDGETS:
        measured = budget.measure(record)
        if measured is not None:
            unit = f" {budget.unit}" if budget.unit else ""
            rows.append([budget.what, f"{budget.limit:g}{unit}", f"{measured:.3g}{unit}",
                         "yes" if measured <= budget.limit else "NO"])
    return rows
