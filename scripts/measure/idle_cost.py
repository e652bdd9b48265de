# SPDX-License-Identifier: BSD-2-Clause
"""What a router costs while nothing happens: processor time and wake-ups of its daemon, as Master and as Backup."""

import pathlib
import threading
import time
from dataclasses import dataclass

from lab.segment import Segment
from lab.speaker import Message, Speaker
from lab.virtual_routers import keepalived_conf


@dataclass(frozen=True)
class Cost:
    percent: float  # of one processor
    wakeups: float  # voluntary context switches a second

    def __str__(self):
        return f"{self.percent:7.2f} % of a processor  {self.wakeups:9.1f} wake-ups/s"


def _spent(pid):
    """Nanoseconds run and voluntary context switches, over all threads."""
    run = switches = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        run += int((task / "schedstat").read_text().split()[0])
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                switches += int(line.split()[1])
    return run, switches


def _cost(pid, seconds):
    run, switches = _spent(pid)
    start = time.monotonic()
    time.sleep(seconds)
    run_after, switches_after = _spent(pid)
    took = time.monotonic() - start
    return Cost((run_after - run) / took / 1e7, (switches_after - switches) / took)


class Choir(threading.Thread):
    """The adverts of every Master, every interval, until it is stopped."""

    def __init__(self, speaker, messages, interval):
        super().__init__(name="choir", daemon=True)
        self._frames = [speaker.frame(bytes(message)) for message in messages]
        self._speaker, self._interval, self._ending = speaker, interval, threading.Event()

    def run(self):
        due = time.monotonic()
        while not self._ending.wait(max(0.0, due - time.monotonic())):
            for frame in self._frames:
                self._speaker.send_frame(frame)
            due += self._interval

    def stop(self):
        self._ending.set()
        self.join()


def measure(run, implementation, load, seconds):
    """The cost as Backup, then as Master."""
    segment = Segment(run, {"dut": 251, "tst": 252})
    virtual_routers = load.virtual_routers()
    dut = implementation(run, segment.hosts["dut"], keepalived_conf(virtual_routers))
    messages = [Message(router.vrid, router.plain_addresses, segment.address("tst"), 200,
                        interval=round(load.interval * 100)) for router in virtual_routers]
    with Speaker(segment.hosts["tst"], segment.interface) as speaker:
        choir = Choir(speaker, messages, load.interval)
        choir.start()
        dut.start(30)
        time.sleep(1)  # its start is not what is measured
        backup = _cost(dut.pid(), seconds)
        choir.stop()
        dut.wait_state(10, "MASTER")
        time.sleep(1)
        master = _cost(dut.pid(), seconds)
        dut.stop(30)
    return {"backup": backup, "master": master}
