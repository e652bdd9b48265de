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
                   60, lambda: "a system that runs: " + self._log.read_text())

    def run(self, *argv, check=True):
        done = subprocess.run(["nsenter", f"--target={self._first}", "--all", "--", *argv], capture_output=True, text=True, timeout=120,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"})
        assert not check or done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
        return done

    def write(self, path, text):
        (self._root / path.lstrip("/")).write_text(text)


@pytest.fixture
def run():
    with Run() as run:
        yield run


@pytest.fixture
def root(tmp_path):
    """Some 300 MB that pytest would keep."""
    yield tmp_path / "root"
    shutil.rmtree(tmp_path / "root", ignore_errors=True)


@pytest.fixture
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
            "PRIORITY": "6", "SYSLOG_IDENTIFIER": "xvrrpd", "_SYSTEMD_UNIT": "xvrrpd.service"}.items() <= json.loads(lines[0]).items()
    machine.run("systemctl", "reload", "xvrrpd")
    assert "reloaded" in machine.run("journalctl", "-u", "xvrrpd", "--no-pager").stdout
    machine.run("systemctl", "stop", "xvrrpd")
    wait_until(lambda: dent3.state() == "MASTER", 10, "the other one as Master")
    assert VIRTUAL_ADDRESS not in machine.run("ip", "-o", "addr", "show", "dev", INTERFACE).stdout
