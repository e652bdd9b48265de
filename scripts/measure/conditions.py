# SPDX-License-Identifier: BSD-2-Clause
"""What else goes on while something is measured."""

import contextlib
import os
import time

BOUND = 120  # seconds: the longest that anything here lasts
FLOODS = ("foreign VRIDs", "bad checksums", "losing adverts", "ARP requests")


def _flood_options(name, router):
    return {
        "foreign VRIDs": ("--except", router.vrid, "--priority", 250),
        "bad checksums": ("--vrids", router.vrid, "--priority", 250, "--bad-checksum"),
        "losing adverts": ("--vrids", router.vrid, "--priority", 50, "--spoof", 100),
        "ARP requests": ("--vrids", router.vrid, "--arp"),
    }[name]


@contextlib.contextmanager
def _ended(process):
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def busy(run):
    """All cores at work, and memory, and the disk's queue."""
    # From a directory of the run: stress-ng's scratch files go with it.
    argv = ["stress-ng", "--cpu", str(os.cpu_count()), "--io", "1", "--vm", "1", "--vm-bytes", "128M", "--timeout",
            f"{BOUND}s", "--temp-path", str(run.directory)]
    with _ended(run.spawn(argv, run.directory / "stress.log")):
        time.sleep(0.5)  # until it has forked
        yield


@contextlib.contextmanager
def flood(name, tools, lans):
    """One core that sends as fast as it can; yields nothing. `lans` has a host `attacker`."""
    router, segment = lans.load.of(0)[0], lans.segments[0]
    argv = [str(tools / "xvrrp_flood"), "--interface", segment.interface, "--seconds", "60", "--pps", "0", "--source",
            segment.address("attacker"), "--address", router.plain_addresses[0], "--interval",
            str(round(router.interval * 100)), *map(str, _flood_options(name, router))]
    with _ended(lans.run.spawn(lans.hosts["attacker"].enter(*argv), lans.run.directory / "flood.log")):
        time.sleep(0.2)
        yield


@contextlib.contextmanager
def condition(name, tools, lans):
    """'idle', 'busy', or one of FLOODS."""
    if name in FLOODS:
        with flood(name, tools, lans):
            yield
    elif name == "busy":
        with busy(lans.run):
            yield
    else:
        yield
