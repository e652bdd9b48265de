# SPDX-License-Identifier: BSD-2-Clause
"""The benchmark behind scripts/bench."""

import argparse
import sys
import time

from lab.build import REPOSITORY, build
from lab.interrupts import end_by_unwinding
from lab.progress import Progress
from lab.routers import XvrrpRouter
from lab.run import sweep

from . import budgets, document, record, table
from .bench import Bench
from .contenders import CONTENDERS, USUAL
from .scenarios import SCENARIOS, USUAL as EVERYTHING

_QUICK_CONTENDERS = ("xvrrp", "keepalived")


def _arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures xvrrp beside keepalived.")
    parser.add_argument("--scenario", action="append", choices=list(SCENARIOS), help="only this; repeatable; "
                        "default: all but gaps, limits and millisecond")
    parser.add_argument("--case", default="", metavar="TEXT", help="only cases whose names hold this")
    parser.add_argument("--contender", action="append", choices=list(CONTENDERS), help="only this; repeatable; "
                        f"default: {', '.join(USUAL)}")
    parser.add_argument("--quick", action="store_true",
                        help="fewer cases and rounds, and one keepalived: under three minutes")
    parser.add_argument("--json", metavar="FILE", help="write the record there, too")
    parser.add_argument("--from", dest="source", metavar="FILE", help="measure nothing: show the record in this file")
    parser.add_argument("--plot", action="store_true", help="bring docs/benchmarks.md and its plots up to date")
    parser.add_argument("--no-build", action="store_true", help="measure what is built already")
    return parser.parse_args()


def _show(scenario, found, contenders):
    print(f"\n{scenario}: {found['title']} ({found['seconds']:.0f} s)\n"
          f"{table.as_text(table.rows(found['figures'], contenders))}", flush=True)


def _binaries(arguments, progress):
    """Of the daemon that is measured, as it is installed; and of the tools that measure it."""
    if arguments.no_build:
        binaries = XvrrpRouter.binaries.resolve()
        return binaries, binaries if (binaries / "xvrrp_masters").exists() else REPOSITORY / "build/dev/bin"
    return (build("release", progress) / "bin",
            build("dev", progress, ("xvrrp_masters", "xvrrp_flood", "xvrrp_xdp_cost")) / "bin")


def _measure(arguments):
    sweep()
    progress = Progress(sys.stderr)
    XvrrpRouter.binaries, tools = _binaries(arguments, progress)
    contenders = tuple(arguments.contender or (_QUICK_CONTENDERS if arguments.quick else USUAL))
    bench = Bench(tools, arguments.quick, arguments.case, contenders, progress)
    made = record.begin(arguments.quick, contenders)
    print(heading(made), flush=True)
    for name in arguments.scenario or EVERYTHING:
        start = time.monotonic()
        figures = list(SCENARIOS[name].measure(bench))
        if figures:
            found = {"title": SCENARIOS[name].title, "figures": figures, "seconds": time.monotonic() - start}
            made["scenarios"][name] = found
            _show(name, found, contenders)
    made["failures"] = bench.failures
    return made


def heading(made):
    machine, versions = made["machine"], made["versions"]
    return (f"{machine['cpu']}, {machine['processors']} processors, {machine['memory_gib']} GiB; Linux {machine['kernel']}, "
            f"{machine['system']}\nxvrrp {versions['xvrrp']}; {versions['keepalived']}; {versions['stress-ng']}\n"
            f"{made['date']}{', --quick' if made['quick'] else ''}\n"
            "p50 / p99 / max (from advert to advert: p50 / p99 / p99.9 / max); ratio: of the p99, to the better keepalived")


def main():
    arguments = _arguments()
    end_by_unwinding()
    if arguments.source:
        try:
            made = record.read(arguments.source)
        except (OSError, ValueError) as error:
            print(f"bench: {error}", file=sys.stderr)
            return 2
        print(heading(made))
        for name, found in made["scenarios"].items():
            _show(name, found, made["contenders"])
    else:
        made = _measure(arguments)
    verdicts = budgets.judge(made)
    if len(verdicts) > 1:
        print(f"\nbudgets\n{table.as_text(verdicts)}", flush=True)
    if arguments.json:
        record.write(made, arguments.json)
    if arguments.plot:
        document.update(made)
    return 1 if made["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
