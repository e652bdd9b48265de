# SPDX-License-Identifier: BSD-2-Clause
"""How many packets that are not VRRP a host takes from its cable (veth) while one core sends: without XDP, with an empty
program (what veth asks for having one at all), and with xvrrp."""

import contextlib
import re
import statistics

from lab.namespaces import cable
from lab.run import Run

from ..bench import Scenario, value
from ..contenders import CONTENDERS, OURS
from ..empty_xdp import EmptyXdp
from ..lan import Load

_LOAD = Load(interval=1.0)
_INTERFACE = "eth0"
_WAYS = ("without XDP", "an empty program", "xvrrp")
_TURNS = 5


def _measure(bench):
    if OURS not in bench.contenders or not bench.wants("UDP"):
        return
    taken = {way: [] for way in _WAYS}
    with Run() as run:
        dut, tst = run.namespace("dut"), run.namespace("tst")
        cable(dut, _INTERFACE, tst, _INTERFACE)
        dut.ip("addr", "add", "192.0.2.251/24", "dev", _INTERFACE)
        router = CONTENDERS[OURS].make(run, dut, _LOAD.all())
        for _turn in range(2 if bench.quick else _TURNS):
            for way in _WAYS:
                with bench.progress.waiting(f"throughput: {way}"), _attached(way, dut, router):
                    taken[way].append(_kpps(bench, dut, tst))
    for way, rates in taken.items():
        yield value("UDP, 60 bytes", way, "thousand packets a second", {OURS: statistics.median(rates)})


@contextlib.contextmanager
def _attached(way, dut, router):
    if way == "xvrrp":
        router.start()
        yield
        router.stop()
    elif way == "an empty program":
        with EmptyXdp(dut, _INTERFACE):
            yield
    else:
        yield


def _kpps(bench, dut, tst):
    def received():
        text = dut.ip("-s", "-o", "link", "show", "dev", _INTERFACE)
        return int(re.search(r"RX:.*?\\\s+\d+\s+(\d+)", text)[1])

    before = received()
    said = tst.run(str(bench.tools / "xvrrp_flood"), "--interface", _INTERFACE, "--udp", "--address", "192.0.2.251",
                   "--vrids", "1", "--seconds", "1", "--pps", "0").stdout
    seconds = float(re.search(r"in ([\d.]+) s", said)[1])
    return (received() - before) / seconds / 1000


SCENARIO = Scenario("throughput", "One core sends through a veth", _measure)
