# SPDX-License-Identifier: BSD-2-Clause
"""What can happen to a router. Each trouble is a context: it is there in the with-statement, and over after it."""

import contextlib
import errno
import pathlib
import signal
import subprocess
import time

from lab import cgroups, processes
from lab.segment import INTERFACE

from .arena import ADDRESS, HOST, KEYS, SPARE, virtual_routers

_STORM = 1500  # pairs of announcements
_ROOM = 16 << 20  # for what is allocated from then on
_WRITER = 'echo $$ > "$1"; while :; do dd if=/dev/zero of="$2" bs=1M count=64 2>/dev/null; done'
_CLOCK_STEP_S = 10


@contextlib.contextmanager
def killed(arena, name, _random):
    arena.routers[name].kill()
    yield
    arena.routers[name].start()


@contextlib.contextmanager
def killed_and_back_at_once(arena, name, _random):
    """It finds what it left, and may go on where it was."""
    arena.routers[name].kill()
    arena.routers[name].start()
    yield


@contextlib.contextmanager
def ended(arena, name, _random):
    arena.routers[name].stop(60)
    yield
    arena.routers[name].start()


@contextlib.contextmanager
def stopped(arena, name, _random):
    """SIGSTOP: it runs no more, and does not know."""
    pid = arena.routers[name].pid()
    processes.send_signal(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        processes.send_signal(pid, signal.SIGCONT)


@contextlib.contextmanager
def without_carrier(arena, name, _random):
    arena.segment.switch.set_link(name, up=False)
    yield
    arena.segment.switch.set_link(name, up=True)


@contextlib.contextmanager
def flapping(arena, name, random):
    for _time in range(random.randint(2, 6)):
        with without_carrier(arena, name, random):
            time.sleep(random.uniform(0.01, 0.3))
        time.sleep(random.uniform(0.01, 0.3))
    yield


@contextlib.contextmanager
def unplugged(arena, name, _random):
    """Its link stays up, and nobody hears it: it becomes Master of everything, for nobody."""
    arena.segment.unplug(name)
    yield
    arena.segment.plug(name)


@contextlib.contextmanager
def robbed_of_addresses(arena, name, _random):
    """Somebody deletes every virtual address that it has."""
    namespace = arena.segment.hosts[name]
    for router in virtual_routers(arena.names, name):
        for address in router.addresses:
            namespace.run("ip", "addr", "del", address, "dev", INTERFACE, check=False)
    yield


@contextlib.contextmanager
def in_a_storm(arena, name, _random):
    """Announcements of addresses that come and go, more than anybody reads."""
    router = arena.routers[name]
    batch = router.file.with_suffix(".storm")
    batch.write_text("".join(f"addr {verb} 10.4.0.1/32 dev {SPARE}\n" for _pair in range(_STORM) for verb in ("add", "del")))
    router.namespace.run("ip", "-batch", str(batch), timeout=60)
    yield


@contextlib.contextmanager
def reconfigured(arena, name, random):
    router = arena.routers[name]
    raised = [vrid for vrid, _family in KEYS if random.random() < 0.5]
    router.configure(arena.configuration(name, raised))
    router.vrrpctl("reload")
    yield
    router.configure(arena.configuration(name))
    router.vrrpctl("reload")


@contextlib.contextmanager
def given_nonsense(arena, name, _random):
    """A configuration that cannot be read changes nothing."""
    router = arena.routers[name]
    router.configure("vrrp_instance broken {\n")
    assert router.vrrpctl("reload", check=False).returncode == 1
    router.configure(arena.configuration(name))
    yield


@contextlib.contextmanager
def drained(arena, name, _random):
    instances = [router.name for router in virtual_routers(arena.names, name)]
    for instance in instances:
        arena.routers[name].vrrpctl("drain", instance)
    yield
    for instance in instances:
        arena.routers[name].vrrpctl("undrain", instance)


@contextlib.contextmanager
def with_other_priorities(arena, name, random):
    instances = [router.name for router in virtual_routers(arena.names, name)]
    for instance in instances:
        arena.routers[name].vrrpctl("priority", instance, str(random.randint(1, 254)))
    yield
    for instance in instances:
        arena.routers[name].vrrpctl("priority", instance, "configured")


@contextlib.contextmanager
def handed_over(arena, name, _random):
    """A new process in the old one's place."""
    arena.routers[name].vrrpctl("handover")
    yield


@contextlib.contextmanager
def flooded(arena, _name, random):
    """The host sends adverts that lose, are of nobody, or are broken, as fast as it can: rings overflow."""
    kind = random.choice((("--except", "1"), ("--vrids", "1", "--priority", "1"), ("--vrids", "1", "--bad-checksum")))
    segment = arena.segment
    flood = segment.hosts[HOST].enter(str(arena.tools / "xvrrp_flood"), "--interface", INTERFACE, "--seconds", "1", "--pps", "0",
                                      "--source", segment.address(HOST), "--address", ADDRESS, *kind)
    processes.command(*flood)
    yield


@contextlib.contextmanager
def short_of_memory(arena, name, _random):
    """In a cgroup of a few MiB, which a writer of files fills all the time: whatever the daemon allocates waits for room."""
    with cgroups.limited(arena.segment.hosts[name].name, _ROOM) as group:
        group.take(arena.routers[name].pid())
        scratch = pathlib.Path("/var/tmp", arena.segment.hosts[name].name)
        writer = subprocess.Popen(["sh", "-c", _WRITER, "sh", group.members, scratch], start_new_session=True)
        try:
            yield
        finally:
            processes.kill_family(writer.pid)
            writer.wait()
            scratch.unlink(missing_ok=True)


@contextlib.contextmanager
def with_a_full_disk(arena, name, _random):
    """Where it writes dumps there is no room; a reload needs none."""
    router, disk = arena.routers[name], arena.disks[name]
    filler = disk / "filler"
    try:
        with open(filler, "wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError as error:
        assert error.errno == errno.ENOSPC
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        processes.send_signal(router.pid(), number)
    router.vrrpctl("reload")
    yield
    filler.unlink()


@contextlib.contextmanager
def on_a_clock_that_is_set(_arena, _name, _random):
    """The time of day jumps forward, and back; what is monotonic does not."""
    _set_clock(_CLOCK_STEP_S)
    try:
        time.sleep(0.2)
    finally:
        _set_clock(-_CLOCK_STEP_S)
    yield


def _set_clock(seconds):
    time.clock_settime_ns(time.CLOCK_REALTIME, time.clock_gettime_ns(time.CLOCK_REALTIME) + int(seconds * 1e9))


TROUBLES = (killed, killed_and_back_at_once, ended, stopped, without_carrier, flapping, unplugged, robbed_of_addresses, in_a_storm,
            reconfigured, given_nonsense, drained, with_other_priorities, handed_over, flooded, short_of_memory, with_a_full_disk)
# Those that everybody on the machine sees.
TROUBLES_OF_THE_MACHINE = (on_a_clock_that_is_set,)
