# SPDX-License-Identifier: BSD-2-Clause
"""The pictures of docs/benchmarks.md."""

from . import svg
from .record import figures

TITLES = {"takeover": "How late the first advert is, share of takeovers", "mass": "250 virtual routers at once",
          "cpu": "CPU of the daemon against the number of virtual routers"}
_COLOURS = {"xvrrp": "#0a6", "keepalived": "#c33", "keepalived-rt": "#e90", "xvrrp-own-timer": "#06c"}
_DASHES = {"idle": "", "busy": "5 3", "Backup": "5 3", "Master": ""}


def draw(record):
    """SVG by name, of what the record holds."""
    made = {"takeover": _curves(record, "takeover", {state: f"10 ms, {state}" for state in ("idle", "busy")},
                                "first advert late", TITLES["takeover"]),
            "mass": _curves(record, "mass", {"idle": "250 VRs, 10 ms"}, "first advert late, each VR", TITLES["mass"]),
            "cpu": _cpu(record)}
    return {name: text for name, text in made.items() if text}


def _curves(record, scenario, cases, what, title):
    """Distribution functions: which share was at most so late."""
    lines = []
    for state, case in cases.items():
        for figure in figures(record, scenario, case, what):
            for name, part in figure["by"].items():
                steps = len(part["curve"]) - 1
                points = [(max(late, 0.001), 100 * step / steps) for step, late in enumerate(part["curve"])]
                lines.append(svg.Line(f"{name}, {state}", _COLOURS[name], _DASHES[state], points))
    return svg.chart(title, svg.Axis("ms late", True), svg.Axis("% of takeovers", False), lines) if lines else None


def _cpu(record):
    lines = []
    for role in ("Master", "Backup"):
        points = {}
        for figure in figures(record, "cost", what="daemon's CPU"):
            count, _space, rest = figure["case"].partition(" VR")
            if rest.endswith(role):
                for name, part in figure["by"].items():
                    points.setdefault(name, []).append((int(count), max(part["value"], 0.01)))
        lines += [svg.Line(f"{name}, {role}", _COLOURS[name], _DASHES[role], by) for name, by in points.items()]
    return svg.chart(TITLES["cpu"], svg.Axis("virtual routers at 10 ms", True),
                     svg.Axis("% of a core (0.01: that or less)", True), lines) if lines else None
