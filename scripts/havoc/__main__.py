# SPDX-License-Identifier: BSD-2-Clause
"""The program behind scripts/chaos."""

import argparse
import contextlib
import os
import random
import secrets
import sys
import time
from collections import Counter

from lab.build import BuildFailed, build
from lab.capture import now
from lab.interrupts import end_by_unwinding
from lab.processes import CommandFailed
from lab.progress import Progress
from lab.routers import RouterFailed, XvrrpRouter
from lab.run import Run

from .arena import Arena
from .invariants import Violation, Watch, judge_leftovers, judge_resources, resources
from .troubles import TROUBLES, TROUBLES_OF_THE_MACHINE


class Chaos:
    """Rounds of trouble. One router of each round is in none, so that there is always a Master to be had."""

    def __init__(self, run, count, tools, seed, say, troubles=TROUBLES):
        self.seed = seed
        self._troubles = troubles
        self._arena, self._random, self._say = Arena(run, count, tools), random.Random(seed), say
        self.counts = Counter()
        self.rounds = 0
        self._begun = {}  # resources of each daemon when it had settled, with its pid

    def start(self):
        for router in self._arena.routers.values():
            router.start()
        with Watch(self._arena) as watch:
            watch.settle()

    def round(self):
        self.rounds += 1
        spared = self._random.choice(self._arena.names)
        others = [name for name in self._arena.names if name != spared]
        chosen = [(self._random.choice(self._troubles), name)
                  for name in self._random.sample(others, self._random.randint(1, len(others)))]
        said = ", ".join(f"{name} {trouble.__name__.replace('_', ' ')}" for trouble, name in chosen)
        with Watch(self._arena) as watch:
            watch.settle()
            self._note_resources()
            since = now()
            try:
                with contextlib.ExitStack() as stack:
                    for trouble, name in chosen:
                        self.counts[trouble.__name__] += 1
                        stack.enter_context(trouble(self._arena, name, self._random))
                        time.sleep(self._random.uniform(0, 0.3))
                    time.sleep(self._random.uniform(0.05, 3))
                watch.settle()
                watch.judge(since, now())
            except (Violation, RouterFailed, CommandFailed, AssertionError, TimeoutError) as failure:
                raise Violation(f"round {self.rounds} ({said}): {failure}") from failure
        self._judge_resources()
        self._say(f"round {self.rounds}: {said}")

    def end(self):
        for name, router in self._arena.routers.items():
            code = router.stop(60)
            if code != 0:
                raise Violation(f"{name} ended with exit code {code}")
            judge_leftovers(self._arena, name)

    def logs(self):
        return "\n".join(f"--- {name}'s log ends:\n{router.log_tail(30)}" for name, router in self._arena.routers.items())

    def _note_resources(self):
        for name, router in self._arena.routers.items():
            if self._begun.get(name, (None,))[0] != router.pid():
                self._begun[name] = (router.pid(), resources(router))

    def _judge_resources(self):
        for name, router in self._arena.routers.items():
            pid, before = self._begun[name]
            if router.pid() == pid:
                judge_resources(name, before, resources(router))


def _arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/chaos",
        description="Lets routers on one LAN be killed, stopped, cut off, robbed, flooded and reconfigured, in an order that a seed "
                    "gives, and judges by the wire: no two answer for one address, there is a Master as soon as there can be, and "
                    "nothing is left behind.",
        epilog="A run is as the seed says but for the machine's own timing: a failure may need several runs of its seed.")
    parser.add_argument("--minutes", type=float, default=5, metavar="N", help="for how long; default: 5")
    parser.add_argument("--rounds", type=int, metavar="N", help="at most so many rounds")
    parser.add_argument("--seed", type=int, default=None, metavar="N", help="default: a new one, which is printed")
    parser.add_argument("--routers", type=int, choices=(2, 3), default=3, help="default: 3")
    parser.add_argument("--clock", action="store_true", help="set the clock of this machine, too: 10 s forward for 0.2 s at a time")
    parser.add_argument("--no-build", action="store_true",
                        help="take the programs of XVRRP_BIN_DIR (default: build/dev/bin) as they are")
    arguments = parser.parse_args()
    if not 0 < arguments.minutes <= 24 * 60:
        parser.error("--minutes: more than 0, at most a day")
    return arguments


def main():
    arguments = _arguments()
    end_by_unwinding()
    if os.geteuid() != 0:
        print("chaos: network namespaces and XDP need root", file=sys.stderr)
        return 4
    seed = secrets.randbits(32) if arguments.seed is None else arguments.seed
    if not arguments.no_build:
        XvrrpRouter.binaries = build("dev", Progress(sys.stdout), ("xvrrpd", "vrrpctl", "xvrrp_flood")) / "bin"
    print(f"chaos: seed {seed}, {arguments.routers} routers, {arguments.minutes:g} minutes", flush=True)
    end = time.monotonic() + 60 * arguments.minutes
    with Run() as run:
        chaos = Chaos(run, arguments.routers, XvrrpRouter.binaries, seed, lambda text: print(text, flush=True),
                      TROUBLES + (TROUBLES_OF_THE_MACHINE if arguments.clock else ()))
        try:
            chaos.start()
            while time.monotonic() < end and (arguments.rounds is None or chaos.rounds < arguments.rounds):
                chaos.round()
            chaos.end()
        except (Violation, RouterFailed) as failure:
            print(f"chaos: {failure}\n{chaos.logs()}\nchaos: seed {seed}: failed", file=sys.stderr)
            return 1
    counted = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in chaos.counts.most_common())
    print(f"chaos: seed {seed}: {chaos.rounds} rounds without a violation: {counted}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nchaos: interrupted; everything is removed", file=sys.stderr)
        sys.exit(130)
    except (BuildFailed, CommandFailed) as failure:
        print(f"chaos: {failure}", file=sys.stderr)
        sys.exit(1)
