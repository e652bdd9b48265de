# SPDX-License-Identifier: BSD-2-Clause
"""A bare Debian 12, booted by systemd-nspawn as the guide's DENT2: the package is installed as an operator does it, systemd runs
xvrrpd, and vrrpctl doctor has nothing to say."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests/netns")]

from checks import wait_until  # noqa: E402
from lab import configs, processes  # noqa: E402
from lab.network import INTERFACE, UPSTREAM_ADDRESS, VIRTUAL_ADDRESS, GuideNetwork  # noqa: E402
from lab.routers import XvrrpRouter  # noqa: E402
from lab.run import Run  # noqa: E402

XvrrpRouter.binaries = pathlib.Path(os.environ["XVRRP_BIN_DIR"])


class Booted:
    """A Debian of its own, in a network namespace; systemd is its process 1."""

    def __init__(self, run, namespace, root):
        self._log = run.directory / "boot.log"
        self._root = root
        process = run.spawn(
            ["systemd-nspawn", "--quiet", "--boot", f"--directory={root}", f"--network-namespace-path={namespace.path}",
             "--register=no", "--keep-unit", "--console=pipe", "--private-users=no",
             # What a machine of its own has, and a container has not.
             "--capability=CAP_BPF,CAP_PERFMON,CAP_NET_ADMIN,CAP_NET_RAW,CAP_SYS_NICE,CAP_IPC_LOCK,CAP_SYS_RESOURCE",
             "--system-call-filter=bpf perf_event_open @memlock sched_setscheduler", "--rlimit=RTPRIO=99",
             "--bind=/sys/fs/bpf", "--bind=/sys/kernel/btf"], self._log)
        self._first = wait_until(lambda: next(iter(processes.children(process.pid)), None), 30, "a first process")
        wait_until(lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded"),
                   120, lambda: "a system that runs: " + self._log.read_text())

    def run(self, *argv, check=True):
        done = subprocess.run(["nsenter", f"--target={self._first}", "--all", "--", *argv], capture_output=True, text=True, timeout=120,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"})
        assert not check or done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
        return done

    def write(self, path, text):
        (self._root / path.lstrip("/")).write_text(text)


@pytest.fixture(scope="module")
def run():
    with Run() as run:
        yield run


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Some 300 MB that pytest would keep."""
    path = tmp_path_factory.mktemp("bare") / "root"
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def dent2(root, run):
    """A Debian with nothing but systemd and the package."""
    package = subprocess.run([ROOT / "scripts/package"], capture_output=True, text=True, timeout=800, check=True).stdout.strip()
    subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--include=systemd-sysv,dbus,iproute2", "bookworm", root],
                   check=True, capture_output=True, timeout=300)
    (root / "xvrrp.deb").write_bytes(pathlib.Path(package).read_bytes())
    # What it depends on comes from Debian, through the network of this machine.
    subprocess.run(["chroot", root, "sh", "-ec", "apt-get -q update; apt-get -qy install --no-install-recommends /xvrrp.deb"],
                   check=True, capture_output=True, timeout=300, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"})
    network = GuideNetwork(run)
    return network, Booted(run, network.dent2, root)


@pytest.fixture
def service(dent2):
    """The machine, whose service is stopped afterwards, and nothing of how it failed is remembered."""
    machine = dent2[1]
    yield machine
    machine.run("systemctl", "stop", "xvrrpd", check=False)
    machine.run("systemctl", "reset-failed", "xvrrpd", check=False)


def property_of(machine, name):
    return machine.run("systemctl", "show", "--property", name, "--value", "xvrrpd").stdout.strip()


def alone(interface=INTERFACE, first="", extra=""):
    """A configuration of one router whom nobody answers."""
    return f"""{first}
vrrp_instance VI_9 {{
  interface {interface}
  virtual_router_id 9
  version 3
  advert_int 0.1
  {extra}
  virtual_ipaddress {{
    192.0.2.9/32
  }}
}}
"""


def wait_for_master(machine):
    wait_until(lambda: "MASTER" in machine.run("vrrpctl", "status", check=False).stdout, 30, "a Master")


def test_an_interface_that_comes_late(service):
    """systemd's own limit is five starts in ten seconds."""
    service.write("/etc/xvrrp/xvrrp.conf", alone("late0"))
    service.run("systemctl", "start", "xvrrpd", check=False)
    wait_until(lambda: int(property_of(service, "NRestarts")) > 6, 60, "more starts than that")
    assert property_of(service, "ActiveState") == "activating"
    service.run("ip", "link", "add", "late0", "type", "veth", "peer", "name", "late1")
    for command in ("address add 198.51.100.1/24 dev late0", "link set late0 up", "link set late1 up"):
        service.run("ip", *command.split())
    wait_for_master(service)
    service.run("systemctl", "stop", "xvrrpd")
    service.run("ip", "link", "delete", "late0")


def test_an_error_is_no_better_the_next_time(service):
    service.write("/etc/xvrrp/xvrrp.conf", alone(extra="no_such_keyword"))
    assert service.run("systemctl", "start", "xvrrpd", check=False).returncode != 0
    assert (property_of(service, "ActiveState"), property_of(service, "NRestarts")) == ("failed", "0")


def test_a_daemon_that_is_killed_comes_again(service):
    service.write("/etc/xvrrp/xvrrp.conf", alone())
    service.run("systemctl", "start", "xvrrpd")
    assert property_of(service, "OOMScoreAdjust") == "-900"
    for _ in range(7):
        wait_for_master(service)
        pid = property_of(service, "MainPID")
        soft, hard = service.run("grep", "Max open files", f"/proc/{pid}/limits").stdout.split()[3:5]
        assert int(soft) == int(hard) > 1024
        service.run("systemctl", "kill", "--kill-who=main", "--signal=KILL", "xvrrpd")
        wait_until(lambda pid=pid: property_of(service, "MainPID") not in (pid, "0"), 30, "another")
    wait_for_master(service)


def test_a_name_in_the_configuration(service):
    service.write("/etc/xvrrp/xvrrp.conf", alone(first="instance other"))
    started = service.run("systemctl", "start", "xvrrpd", check=False)
    assert started.returncode == 0, service.run("journalctl", "-u", "xvrrpd", "-n", "20", "--no-pager").stdout
    wait_for_master(service)
    service.run("systemctl", "reload", "xvrrpd")
    service.run("sh", "-c", "/var/lib/dpkg/info/xvrrp.postinst configure 0.0.1")  # as an upgrade does
    wait_until(lambda: "handing over to" in service.run("journalctl", "-u", "xvrrpd", "--no-pager").stdout, 20, "the handover")
    wait_for_master(service)


def test_the_last_script_ends(service):
    """systemd kills what is left of a service when its main process has ended."""
    told = "/run/xvrrp/told"  # the service has a /tmp and a /var/tmp of its own, and no /root
    service.write("/etc/xvrrp/stop", f"#!/bin/sh\necho begins > {told}\nsleep 2\necho ends >> {told}\n")
    service.run("chmod", "755", "/etc/xvrrp/stop")
    service.write("/etc/xvrrp/xvrrp.conf", alone(extra='notify_stop "/etc/xvrrp/stop" root'))
    service.run("systemctl", "start", "xvrrpd")
    wait_for_master(service)
    service.run("systemctl", "stop", "xvrrpd")
    assert service.run("cat", told).stdout == "begins\nends\n"


def test_the_guide_on_a_bare_debian(run, dent2):
    network, machine = dent2
    machine.write("/etc/xvrrp/xvrrp.conf", configs.guide("dent2", nat=True))
    dent3 = XvrrpRouter(run, network.dent3, configs.guide("dent3", nat=True))
    dent3.start()
    machine.run("systemctl", "start", "xvrrpd")
    wait_until(lambda: "MASTER" in machine.run("vrrpctl", "status").stdout, 20, "a Master")
    assert machine.run("systemctl", "is-active", "xvrrpd").stdout == "active\n"
    assert f" {VIRTUAL_ADDRESS}/24 " in machine.run("ip", "-o", "addr", "show", "dev", INTERFACE).stdout
    assert network.pc1.run("ping", "-c", "3", "-i", "0.2", UPSTREAM_ADDRESS).returncode == 0
    doctor = machine.run("vrrpctl", "doctor", check=False)
    assert (doctor.returncode, doctor.stdout, doctor.stderr) == (0, "", "")
    lines = machine.run("journalctl", "--output=json", "XVRRP_STATE=MASTER").stdout.splitlines()
    assert {"XVRRP_INSTANCE": "default", "XVRRP_ROUTER": "VI_1", "XVRRP_INTERFACE": INTERFACE, "XVRRP_VRID": "150", "XVRRP_FROM": "BACKUP",
            "PRIORITY": "6", "SYSLOG_IDENTIFIER": "xvrrpd", "_SYSTEMD_UNIT": "xvrrpd.service"}.items() <= json.loads(lines[-1]).items()
    machine.run("systemctl", "reload", "xvrrpd")
    assert "reloaded" in machine.run("journalctl", "-u", "xvrrpd", "--no-pager").stdout
    machine.run("systemctl", "stop", "xvrrpd")
    wait_until(lambda: dent3.state() == "MASTER", 10, "the other one as Master")
    assert VIRTUAL_ADDRESS not in machine.run("ip", "-o", "addr", "show", "dev", INTERFACE).stdout
