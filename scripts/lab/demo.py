# SPDX-License-Identifier: BSD-2-Clause
"""The demonstration behind scripts/demo."""

import argparse
import contextlib
import json
import os
import re
import sys

from . import report
from .build import BuildFailed, build
from .failover import Stage
from .interrupts import end_by_unwinding
from .network import INTERFACE, UPSTREAM_ADDRESS, GuideNetwork
from .observer import Observer
from .pinger import Pinger
from .processes import CommandFailed
from .progress import Progress
from .routers import IMPLEMENTATIONS, RouterFailed, XvrrpRouter
from .run import Run, sweep
from .scenarios import SCENARIOS, Result


_TRIES = 3
_TAKEN_BACK_BY = {"stop": "start", "start": "stop", "cut": "restore", "restore": "cut"}


class Demonstration:
    def __init__(self, run, implementation, runs, say, progress):
        self._runs, self._say, self._progress = runs, say, progress
        self._network = GuideNetwork(run)
        self._routers = {name: implementation(run, namespace, SCENARIOS[0].configuration(name, implementation.has_nat))
                         for name, namespace in self._network.routers.items()}
        self.results = []

    def play(self):
        for scenario in SCENARIOS:
            self._play(scenario)

    def leave_running(self):
        """The guide's files again, both routers up."""
        for name, router in self._routers.items():
            router.configure(SCENARIOS[0].configuration(name, router.has_nat))
            router.start()
        self._routers["dent2"].wait_state(10, "MASTER")

    def _play(self, scenario):
        for name, router in self._routers.items():
            router.configure(scenario.configuration(name, router.has_nat))
        self._say(f"\n{scenario.title}\n")
        with (Observer(self._network) as observer,
              Pinger(self._network.pc1, UPSTREAM_ADDRESS, scenario.probe_interval) as pinger):
            stage = Stage(self._network, self._routers, observer, pinger, scenario.timers)
            with self._progress.waiting("starting both routers, waiting for DENT2 to become the Master"):
                stage.begin()
            if scenario is SCENARIOS[0]:
                self._show_network()
            self._say(report.HEADING)
            for step in scenario.steps:
                with self._progress.waiting(step.name), self._logs_of_failure():
                    result = Result(scenario, step, self._measure(stage, step))
                self._say(report.row(result))
                self.results.append(result)
        for router in self._routers.values():
            router.stop()

    def _measure(self, stage, step):
        """Does a step as often as it repeats; DENT2 is the Master before each time, and after the last unless the next
        step is what brings it back. One that is measured once and comes late is taken back and done again: the machine
        may have stood still."""
        measurements = [self._do(stage, step) for _time in range(self._runs if step.repeats else 1)]
        for _again in range(0 if step.repeats else _TRIES - 1):
            late_ms = measurements[0].late_ms
            if late_ms <= step.late_ms:
                break
            self._say(f"  {late_ms:.3f} ms late, {step.late_ms:g} accepted; again:")
            if step.action in _TAKEN_BACK_BY:
                getattr(stage, _TAKEN_BACK_BY[step.action])()
            measurements = [self._do(stage, step)]
        return measurements

    def _do(self, stage, step):
        if step.action not in ("start", "restore"):
            stage.settle()
        measurement = getattr(stage, step.action)()
        if step.action == "kill":
            stage.start()
        return measurement

    @contextlib.contextmanager
    def _logs_of_failure(self):
        """What does not happen in time is explained, if at all, in the routers' logs."""
        try:
            yield
        except TimeoutError as error:
            logs = "\n".join(f"--- {name}'s log ends:\n{router.log_tail()}" for name, router in self._routers.items())
            raise RouterFailed(f"{error}\n{logs}") from None

    def _show_network(self):
        for name, namespace in self._network.routers.items():
            self._say(f"{name.upper()}# ip addr show {INTERFACE}")
            lines = namespace.ip("addr", "show", INTERFACE).splitlines()
            self._say("\n".join(line for line in lines if re.match(r"\d+:|\s+inet ", line)) + "\n")
        ping = self._network.pc1.run("ping", "-n", "-c", "3", "-i", "0.2", "-W", "1", UPSTREAM_ADDRESS)
        self._say(f"PC1# ping {UPSTREAM_ADDRESS}")
        self._say("\n".join(ping.stdout.splitlines()[:4]) + "\n")


def _arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Builds xvrrp and the guide's network in namespaces of this machine, lets the Master go and come "
                    "back in every way, and measures each takeover on the wire. Leaves nothing behind.")
    parser.add_argument("--json", action="store_true", help="print the results as JSON, and nothing else")
    parser.add_argument("--keep", action="store_true", help="leave the network up, both routers running")
    parser.add_argument("--sweep", action="store_true",
                        help="remove what --keep or a killed run left, and do nothing else")
    parser.add_argument("--runs", type=int, default=10, metavar="N",
                        help="how often the 10 ms kill is repeated (default: 10)")
    parser.add_argument("--router", choices=sorted(IMPLEMENTATIONS), default="xvrrp",
                        help="what runs on DENT2 and DENT3 (default: xvrrp)")
    parser.add_argument("--no-build", action="store_true",
                        help="take the programs of XVRRP_BIN_DIR (default: build/release/bin) as they are")
    arguments = parser.parse_args()
    if arguments.runs < 1:
        parser.error("--runs: 1 or more")
    return arguments


def _how_to_enter(run, implementation):
    status = ""
    if implementation is XvrrpRouter:
        status = f"\n  {XvrrpRouter.binaries}/vrrpctl --instance {run.prefix}-dent2 status"
    return f"""
The network is up, with the guide's files. To look around:
  nsenter --net=/run/netns/{run.prefix}-dent2      also -pc1, -dent1, -dent3, -up
  ip netns exec {run.prefix}-pc1 ping {UPSTREAM_ADDRESS}{status}
  configuration and logs: {run.directory}
To remove it: scripts/demo --sweep"""


def main():
    arguments = _arguments()
    end_by_unwinding()
    if os.geteuid() != 0:
        print("demo: network namespaces and XDP need root", file=sys.stderr)
        return 4
    if arguments.sweep:
        swept = sweep()
        print("demo: removed " + ", ".join(swept) if swept else "demo: there was nothing to remove")
        return 0
    say = (lambda _text: None) if arguments.json else (lambda text: print(text, flush=True))
    progress = Progress(sys.stderr if arguments.json else sys.stdout)
    implementation = IMPLEMENTATIONS[arguments.router]
    if implementation is XvrrpRouter and not arguments.no_build:
        XvrrpRouter.binaries = build("release", progress) / "bin"

    say(f"The guide's network, {arguments.router} on DENT2 and DENT3:\n\n{report.PICTURE}")
    with Run() as run:
        demonstration = Demonstration(run, implementation, arguments.runs, say, progress)
        demonstration.play()
        if arguments.keep:
            demonstration.leave_running()
            run.keep()
    results = demonstration.results
    ok = all(result.ok for result in results)
    if arguments.json:
        print(json.dumps({"schema": 1, "ok": ok, "steps": [result.as_json() for result in results]}, indent=2))
    else:
        good = sum(result.ok for result in results)
        say(f"\n{report.LEGEND}")
        verdict = "every takeover came when the RFC's timer said" if ok else "see above"
        say(f"\n{good} of {len(results)} steps ok: {verdict}")
        if arguments.keep:
            say(_how_to_enter(run, implementation))
    return 0 if ok else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\ndemo: interrupted; everything is removed", file=sys.stderr)
        sys.exit(130)
    except (BuildFailed, CommandFailed, RouterFailed, TimeoutError) as failure:
        print(f"demo: {failure}", file=sys.stderr)
        sys.exit(1)
