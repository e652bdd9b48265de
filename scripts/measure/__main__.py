# SPDX-License-Identifier: BSD-2-Clause
"""The benchmark behind scripts/bench."""

import argparse
import dataclasses
import json
import os
import platform
import subprocess
import sys

from lab.build import build
from lab.interrupts import end_by_unwinding
from lab.progress import Progress
from lab.routers import IMPLEMENTATIONS, XvrrpRouter
from lab.run import Run, sweep

from . import idle_cost, takeover
from .takeover import Load

# Rounds of a takeover: quick, and else.
_ROUNDS = {"one": (60, 300), "many": (5, 20)}
_TAKEOVERS = {
    "takeover": ("one", Load()),
    "takeover-100ms": ("many", Load(interval=0.1)),
    "mass-50x10": ("many", Load(50, 10)),
    "mass-250": ("many", Load(250)),
}
_COSTS = {"cost-1": Load(), "cost-50": Load(50), "cost-250": Load(250)}


def _xdp(arguments):
    """Nanoseconds per packet, over an empty program in the same run."""
    subprocess.run([str(arguments.binaries / "xvrrp_xdp_cost"), "--rounds", "5" if arguments.quick else "15"],
                   check=True)


def _takeovers(name, arguments):
    kind, load = _TAKEOVERS[name]
    rounds = _ROUNDS[kind][0 if arguments.quick else 1]
    print(f"\n{name}: {load}; {rounds} times; ms", flush=True)
    results = {}
    for make in arguments.make:
        with Run() as run:
            taken = takeover.measure(run, IMPLEMENTATIONS[make], load, rounds)
        results[make] = dataclasses.asdict(taken)
        print(f"  {make:<11} first advert late    {taken.late}\n"
              f"  {'':<11} announced after it   {taken.announced}", flush=True)
    if len(results) == 2:
        ours, theirs = results["xvrrp"]["announced_late"]["p99"], results["keepalived"]["announced_late"]["p99"]
        print(f"  {'ratio':<11} p99 of the announcements' lateness: 1 to {theirs / ours:.1f}", flush=True)
    return results


def _costs(name, arguments):
    print(f"\n{name}: {_COSTS[name]}", flush=True)
    results = {}
    for make in arguments.make:
        with Run() as run:
            costs = idle_cost.measure(run, IMPLEMENTATIONS[make], _COSTS[name], 3 if arguments.quick else 10)
        for role, cost in costs.items():
            print(f"  {make:<11} {role:<7} {cost}", flush=True)
        results[make] = {role: dataclasses.asdict(cost) for role, cost in costs.items()}
    return results


def _measure(name, arguments):
    if name == "xdp":
        return _xdp(arguments)
    return _takeovers(name, arguments) if name in _TAKEOVERS else _costs(name, arguments)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures xvrrp beside keepalived.")
    parser.add_argument("--scenario", action="append", choices=["xdp", *_TAKEOVERS, *_COSTS], help="only this; repeatable")
    parser.add_argument("--make", action="append", choices=list(IMPLEMENTATIONS), help="only this router; repeatable")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: under three minutes")
    parser.add_argument("--json", metavar="FILE", help="write the results there too")
    arguments = parser.parse_args()
    arguments.make = arguments.make or list(IMPLEMENTATIONS)
    end_by_unwinding()
    sweep()
    arguments.binaries = build("dev", Progress(sys.stderr)) / "bin"
    XvrrpRouter.binaries = arguments.binaries
    wanted = arguments.scenario or ["xdp", *_TAKEOVERS, *_COSTS]
    print(f"Linux {platform.release()}, {os.cpu_count()} processors", flush=True)
    results = {}
    for name in wanted:
        results[name] = _measure(name, arguments)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump({"schema": 1, "kernel": platform.release(), "scenarios": results}, file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
