# SPDX-License-Identifier: BSD-2-Clause
"""What others can do where daemons pin, lock and listen, and what one instance does to another: nothing."""

import fcntl
import struct
import subprocess

import pytest

from checks import wait_until
from lab.namespaces import cable
from lab.routers import XvrrpRouter
from lab.run import PINS, STATE, remove_instance_files
from machines import Machine

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all")
AS_NOBODY = " ".join(NOBODY)


def configuration(interface="eth0", vrid=7, address="192.0.2.100/24", inside="", before=""):
    return (f"{before}\nvrrp_instance VI_1 {{\n interface {interface}\n virtual_router_id {vrid}\n priority 150\n version 3\n"
            f" advert_int 0.1\n virtual_ipaddress {{\n  {address}\n }}\n{inside}\n}}\n")


def route(to):
    return f" virtual_routes {{\n  {to} via 192.0.2.2 dev eth0\n }}\n"


@pytest.fixture
def host(run, xvrrpd):
    """With two interfaces, each with an address."""
    host, switch = run.namespace("one"), run.namespace("sw")
    for number, network in enumerate(("192.0.2", "198.51.100")):
        cable(host, f"eth{number}", switch, f"port{number}")
        host.ip("addr", "add", f"{network}.1/24", "dev", f"eth{number}")
    return host


def master(run, host, text, instance=None):
    """A router in the host, once it is Master; a second one there needs an instance's name of its own."""
    router = XvrrpRouter(run, host, text) if instance is None else Other(run, host, text, instance)
    router.start()
    router.wait_state(10, "MASTER")
    return router


class Other(XvrrpRouter):
    """Beside another one in the same host."""

    def __init__(self, run, namespace, text, instance):
        self.namespace, self.name, self.instance_name = namespace, instance, instance
        self.log, self.file = run.directory / f"{instance}.log", run.directory / f"{instance}.conf"
        self._run, self._process = run, None
        run.on_exit(remove_instance_files, instance)
        self.configure(text)

    def argv(self):
        return [*super().argv()[:-1], self.instance_name]

    def vrrpctl(self, *words, check=True):
        return self.namespace.run(str(self.binaries / "vrrpctl"), "--instance", self.instance_name, *words, check=check)


def started(router, *before, options=()):
    """The daemon, run to its end, which must come by itself."""
    return router.namespace.run(*before, *router.argv(), *options, check=False)


class Watched:
    """What the kernel says of addresses, routes and rules that go."""

    def __init__(self, run, host):
        self._path = run.directory / "monitor"
        self._process = run.spawn(host.enter("ip", "monitor", "address", "route", "rule"), self._path)
        host.ip("addr", "add", "203.0.113.254/32", "dev", "lo")
        host.ip("addr", "del", "203.0.113.254/32", "dev", "lo")
        self._wait("203.0.113.254", host)

    def _wait(self, mark, host):
        def heard():
            host.ip("addr", "add", f"{mark}/32", "dev", "lo")
            host.ip("addr", "del", f"{mark}/32", "dev", "lo")
            return f"inet {mark}" in self._path.read_text()
        wait_until(heard, 5, "the monitor")

    def deleted(self, host):
        self._wait("203.0.113.253", host)
        self._process.terminate()
        self._process.wait(5)
        return [line for line in self._path.read_text().splitlines()
                if line.startswith("Deleted") and "203.0.113.25" not in line and "eth1" not in line]


# ---- where things are pinned ----

@pytest.fixture
def machine(run, host):
    return Machine(run, host, configuration())


@pytest.mark.parametrize("made, said", [
    (f"mkdir -p /run/v/default/deep; touch /run/v/default/deep/f; chmod -R 755 /run/v; {AS_NOBODY} ln -s /run/v /sys/fs/bpf/xvrrp",
     "/sys/fs/bpf/xvrrp is a symbolic link (made by uid 65534)"),
    (f"{AS_NOBODY} mkdir /sys/fs/bpf/xvrrp", "/sys/fs/bpf/xvrrp belongs to uid 65534, not root"),
    ("mkdir -m 777 /sys/fs/bpf/xvrrp; chmod 777 /sys/fs/bpf/xvrrp", "/sys/fs/bpf/xvrrp may be written to by others than root"),
    ("chmod 777 /sys/fs/bpf", "/sys/fs/bpf may be written to by others than root"),
    ("mkdir -m 700 /sys/fs/bpf/xvrrp; mount -t tmpfs -o mode=700 none /sys/fs/bpf/xvrrp",
     "/sys/fs/bpf/xvrrp is not on a BPF file system; as root: mount -t bpf -o mode=0700 bpf /sys/fs/bpf"),
    ("umount /sys/fs/bpf", "is not on a BPF file system; as root: mount -t bpf -o mode=0700 bpf /sys/fs/bpf"),
    ("mkdir -p /run/v/deep; touch /run/v/deep/f; mkdir -m 700 /sys/fs/bpf/xvrrp; ln -s /run/v /sys/fs/bpf/xvrrp/default+lock",
     "/sys/fs/bpf/xvrrp/default+lock is a symbolic link"),
    ("mkdir -p /run/v/deep; touch /run/v/deep/f; mkdir -m 700 /sys/fs/bpf/xvrrp; ln -s /run/v /sys/fs/bpf/xvrrp/default",
     "/sys/fs/bpf/xvrrp/default is a symbolic link"),
    ("mkdir -p /run/v/deep; touch /run/v/deep/f; mkdir -m 700 /sys/fs/bpf/xvrrp; ln -s /run/v /sys/fs/bpf/xvrrp/default+new",
     "/sys/fs/bpf/xvrrp/default+new is a symbolic link"),
])
def test_a_place_that_others_could_change_is_refused(machine, made, said):
    machine.sh(made)
    before = machine.sh("find /run/v", check=False).stdout
    for program in ("xvrrpd -n", "vrrpctl load eth0"):
        done = machine.sh(program, check=False)
        assert done.returncode == 1 and said in done.stderr, done
    assert machine.sh("find /run/v", check=False).stdout == before, "nothing is removed behind a link"
    assert " xdp" not in machine.sh("ip link show eth0").stdout
    assert machine.sh("ls /run/xvrrp", check=False).stdout == ""


def test_a_link_in_the_place_of_a_pin_is_not_followed(machine):
    machine.sh("xvrrpd; while ! ip addr show eth0 | grep -q 192.0.2.100; do sleep 0.1; done; kill -9 $(cat /run/xvrrp/default.pid)")
    machine.sh("cd /sys/fs/bpf; mkdir v; mv xvrrp/default/info v/; ln -s /sys/fs/bpf/v/info xvrrp/default/info")
    done = machine.sh("vrrpctl stats", check=False)
    assert done.returncode == 1 and "/sys/fs/bpf/xvrrp/default/info is no pin of root's" in done.stderr
    machine.sh("xvrrpd; kill $(cat /run/xvrrp/default.pid)")
    wait_until(lambda: machine.sh("ls /sys/fs/bpf/xvrrp").stdout == "", 10, "the end")
    assert machine.sh("ls /sys/fs/bpf/v").stdout == "info\n"


# ---- the lock ----

def test_nobody_else_can_keep_a_daemon_from_starting_again(run, host):
    one = master(run, host, configuration())
    [lock] = PINS.glob(f"{host.name}+lock")
    held = []
    for path in (lock, STATE / f"{host.name}.pid"):
        child = subprocess.run([*NOBODY, "test", "-r", path], check=False)
        held.append(child.returncode == 0)
    assert held == [False, True], "the lock is out of reach, the pid is for all to read"
    with open(STATE / f"{host.name}.pid", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 0, 0))
        one.kill()
        one.start()
    one.wait_state(10, "MASTER")


def in_own_run(directory):
    """A container's /run: the bpffs is the machine's."""
    directory.mkdir()
    return ("unshare", "--mount", "--propagation", "private", "sh", "-c",
            f'mount --bind {directory} /run/xvrrp && exec "$@"', "sh")


def test_two_daemons_with_two_runs_do_not_share_a_data_plane(run, host):
    one = master(run, host, configuration())
    other = run.namespace("two")
    switch = run.namespace("sw2")
    cable(other, "eth0", switch, "port0")
    other.ip("addr", "add", "192.0.2.9/24", "dev", "eth0")
    argv = other.enter(*in_own_run(run.directory / "run"), *one.argv())
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 6
    assert f'instance "{host.name}" is already run by xvrrpd (pid {one.pid()})' in done.stderr
    assert one.instance(7)["state"] == "MASTER" and other.addresses("eth0") == ["192.0.2.9/24"]


def test_two_daemons_with_one_run_do_not_share_a_socket(run, host):
    one = master(run, host, configuration())
    other, switch = run.namespace("two"), run.namespace("sw2")
    cable(other, "eth0", switch, "port0")
    other.ip("addr", "add", "192.0.2.9/24", "dev", "eth0")
    argv = other.enter("unshare", "--mount", "--propagation", "private", "sh", "-c",
                       'mount -t bpf -o mode=0700 bpf /sys/fs/bpf && exec "$@"', "sh", *one.argv())
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 6 and f"another process listens on {STATE}/{host.name}.sock" in done.stderr
    assert one.instance(7)["state"] == "MASTER"


def test_a_cleaned_run_is_made_good(run, host):
    one = master(run, host, configuration())
    pid, socket = STATE / f"{host.name}.pid", STATE / f"{host.name}.sock"
    pid.unlink()
    socket.unlink()
    done = started(one)
    assert done.returncode == 6 and f"(pid {one.pid()})" in done.stderr
    wait_until(lambda: one.state() == "MASTER", 5, "the socket")
    wait_until(pid.exists, 5, "the pid file")
    assert int(pid.read_text()) == one.pid() and socket.stat().st_mode & 0o777 == 0o660
    assert "somebody removed the control socket" in one.log_tail()
    assert one.stop() == 0
    assert not pid.exists() and not socket.exists() and not list(PINS.glob(f"{host.name}*"))


def test_a_handover_keeps_the_lock(run, host):
    one = master(run, host, configuration().replace("advert_int 0.1", "advert_int 1"))
    one.vrrpctl("handover")
    wait_until(lambda: one.status() and one.instance(7)["reason"] == "resumed", 10, one.log_tail)
    assert started(one).returncode == 6
    assert one.instance(7)["state"] == "MASTER"


# ---- another instance's things ----

STATIC = "static_ipaddress {\n 192.0.2.77/24 dev eth0\n}\nstatic_routes {\n 203.0.113.128/25 via 192.0.2.2 dev eth0\n}\n"


def test_a_refused_start_changes_nothing(run, host):
    master(run, host, configuration(inside=route("198.18.0.0/24"), before=STATIC))
    watched = Watched(run, host)
    other = Other(run, host, configuration(vrid=8, address="192.0.2.101/24", inside=route("203.0.113.0/25")), f"{host.name}-b")
    done = started(other)
    assert done.returncode == 6 and f'of xvrrp instance "{host.name}"' in done.stderr, done
    assert watched.deleted(host) == [], other.log.read_text() if other.log.exists() else ""
    assert {"192.0.2.100/24", "192.0.2.77/24"} < set(host.addresses("eth0"))


@pytest.mark.parametrize("same", [False, True])
def test_another_instances_routes_and_addresses_stay(run, host, same):
    """Also those that both are configured with, but for a virtual route, which the other one's Backup removes."""
    master(run, host, configuration(inside=route("198.18.0.0/24"), before=STATIC))
    watched = Watched(run, host)
    other = master(run, host, configuration("eth1", 8, "198.51.100.100/24", before=STATIC if same else ""), f"{host.name}-b")
    other.kill()
    other.start()
    other.wait_state(10, "MASTER")
    assert watched.deleted(host) == [], other.log.read_text() if other.log.exists() else ""


def test_what_a_killed_instance_left_goes_wherever_it_is(run, host):
    """Its inventory tells, not its new configuration; and without pins its configuration still does."""
    one = master(run, host, configuration(address="192.0.2.100/24 dev eth1", inside=route("198.18.0.0/24") + " lease_ms 0"))
    one.kill()
    one.configure(configuration(vrid=9))
    one.start()
    assert "192.0.2.100/24" not in host.addresses("eth1")
    assert "198.18" not in host.ip("route", "show")
    one.wait_state(10, "MASTER")
    one.kill()
    assert "192.0.2.100/24" in host.addresses("eth0")
    for link in PINS.joinpath(host.name).iterdir():
        link.unlink()
    PINS.joinpath(host.name).rmdir()
    wait_until(lambda: " xdp" not in host.ip("link", "show", "eth0"), 10, "the kernel to take the program off")
    one.configure(configuration(vrid=10).replace("advert_int 0.1", "advert_int 5"))
    one.start()
    assert "192.0.2.100/24" not in host.addresses("eth0")


NAT = " virtual_nat {\n  masquerade oif eth1\n }\n"


@pytest.mark.parametrize("words", [("unload", "eth0"), ("load", "eth0", "--replace")])
def test_unloading_a_killed_master_takes_what_it_installed(run, host, words):
    one = master(run, host, configuration(inside=route("198.18.0.0/24") + NAT, before=STATIC))
    one.kill()
    assert "192.0.2.100/24" in host.addresses("eth0")
    done = one.vrrpctl(*words)
    assert host.addresses("eth0") == ["192.0.2.1/24"], done
    assert "198.18" not in host.ip("route", "show") and "203.0.113.128" not in host.ip("route", "show")
    assert "xvrrp" not in host.run("nft", "list", "ruleset").stdout
    one.vrrpctl("unload", "eth0", check=False)


def test_unloading_from_another_namespace_does_not_take_the_fence(run, host):
    one = master(run, host, configuration())
    one.kill()
    other = run.namespace("two")
    done = other.run(str(one.binaries / "vrrpctl"), "--instance", host.name, "unload", "eth0", check=False)
    assert done.returncode == 6 and "is in another network namespace" in done.stderr
    assert " xdp" in host.ip("link", "show", "eth0") and "192.0.2.100/24" in host.addresses("eth0")


# ---- who keeps Master_Down_Timer ----

def test_a_killed_daemons_timer_is_not_taken_for_another(run, host):
    """Whoever starts with the other timer loads anew, and becomes Master when the time has come."""
    one = master(run, host, configuration())
    with_timer = one.argv()
    for argv in ([*with_timer, "--no-feature", "bpf_timer"], with_timer):
        one.kill()
        one.argv = lambda argv=argv: argv
        one.start()
        one.wait_state(10, "MASTER")
        assert "is not taken over but removed" in one.log_tail(8)
