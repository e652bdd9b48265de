# SPDX-License-Identifier: BSD-2-Clause
"""What xvrrpd refuses to start with: the exit code, and a message that says what to do."""

import re
import subprocess

import pytest

from checks import wait_until
from lab import configs
from lab.namespaces import cable
from lab.network import INTERFACE, VIRTUAL_ADDRESS, VRID
from lab.routers import XvrrpRouter
from lab.run import PINS

MULTICAST = configs.multicast_v2("dent2", nat=False)

FOREIGN_XDP = """
__attribute__((section("xdp"), used)) int foreigner(void *context) { return 2; /* XDP_PASS */ }
"""


@pytest.fixture
def router(run, xvrrpd):
    """A router that is not started, in a host with an interface and an address."""
    host, neighbour = run.namespace("dent2"), run.namespace("sw")
    cable(host, INTERFACE, neighbour, "port")
    host.ip("addr", "add", "192.168.1.11/24", "dev", INTERFACE)
    return XvrrpRouter(run, host, MULTICAST)


def refused(router, *before, options=()):
    """Runs the daemon, which must end by itself, having started nothing; returns its exit code and what it said."""
    done = router.namespace.run(*before, *router.argv(), *options, check=False)
    assert not (PINS / router.namespace.name).exists()
    assert " xdp" not in router.namespace.ip("link", "show", INTERFACE)
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_every_mistake_in_one_pass(router):
    router.configure(MULTICAST.replace("priority 101", "priority 300").replace("advert_int 1", "advert_int never")
                     .replace("state MASTER", "sttae MASTER"))
    code, said = refused(router)
    assert code == 2
    places = re.findall(rf"^{re.escape(str(router.file))}:(\d+):(\d+): ", said, re.MULTILINE)
    assert [line for line, _column in places] == ["2", "5", "6"], said
    assert "255" in said or "254" in said, said  # what is allowed


def test_missing_brace(router):
    router.configure(MULTICAST.rstrip().removesuffix("}"))
    code, said = refused(router)
    assert code == 2
    assert re.match(rf"{re.escape(str(router.file))}:\d+:\d+: ", said), said


def test_no_such_interface(router):
    router.configure(MULTICAST.replace(INTERFACE, "enp9s9"))
    code, said = refused(router)
    assert code == 1
    assert "enp9s9" in said


@pytest.mark.parametrize("capability", ["net_admin", "net_raw", "bpf", "perfmon"])
def test_missing_capability(router, capability):
    # CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON in the kernel's eyes.
    drop = f"-{capability},-sys_admin" if capability in ("bpf", "perfmon") else f"-{capability}"
    code, said = refused(router, "setpriv", f"--bounding-set={drop}", f"--inh-caps={drop}")
    assert code == 4
    assert f"CAP_{capability.upper()}" in said


def test_missing_kernel_feature(router):
    code, said = refused(router, options=["--no-feature", "bpf_ringbuf"])
    assert code == 5
    assert "bpf_ringbuf" in said and "5.8" in said


@pytest.mark.parametrize("name, called, remedy", [
    ("foreigner", '"foreigner"', "xdp off"),
    ("xdp_dispatcher", "libxdp's dispatcher (xdp_dispatcher)", f"xdp-loader unload {INTERFACE} --all"),
])
def test_another_xdp_program(router, tmp_path, name, called, remedy):
    source, program = tmp_path / "foreign.c", tmp_path / "foreign.o"
    source.write_text(FOREIGN_XDP.replace("foreigner", name))
    subprocess.run(["clang-14", "-target", "bpf", "-O2", "-g", "-c", source, "-o", program], check=True, timeout=30)
    router.namespace.ip("link", "set", "dev", INTERFACE, "xdp", "obj", str(program), "sec", "xdp")
    done = router.namespace.run(*router.argv(), check=False)
    assert done.returncode == 6
    assert called in done.stderr and INTERFACE in done.stderr and remedy in done.stderr
    assert not (PINS / router.namespace.name).exists()
    assert "xdp" in router.namespace.ip("link", "show", INTERFACE), "the other program must stay"


def test_second_daemon_of_an_instance(router):
    router.start()
    done = router.namespace.run(*router.argv(), check=False)
    assert done.returncode == 6
    assert re.search(rf"\b{router.pid()}\b", done.stderr), done.stderr
    assert router.state() is not None, "the first one must go on"


def test_status_without_a_daemon(router):
    assert router.vrrpctl("status", "--json", check=False).returncode == 3


def test_configuration_test_starts_nothing(router):
    done = router.namespace.run(*router.argv(), "-t", check=False)
    assert done.returncode == 0
    router.configure(MULTICAST.replace("priority 101", "priority 300"))
    assert router.namespace.run(*router.argv(), "-t", check=False).returncode == 3
    assert not (PINS / router.namespace.name).exists()


def test_killed_and_started_again(router):
    """What a killed daemon left is no reason to refuse."""
    router.start()
    router.kill()
    router.start()
    wait_until(lambda: router.state() == "MASTER", timeout=10, what="MASTER")


V3 = MULTICAST.replace("advert_int 1", "version 3\n    advert_int 1")
LIMITS = {  # line, and whether it is taken
    "priority-0": (MULTICAST, "priority 101", "priority 0", False),
    "priority-1": (MULTICAST, "priority 101", "priority 1", True),
    "priority-254": (MULTICAST, "priority 101", "priority 254", True),
    "priority-255-of-an-owner": (MULTICAST, "priority 101", "priority 255", True),
    "priority-256": (MULTICAST, "priority 101", "priority 256", False),
    "vrid-0": (MULTICAST, f"virtual_router_id {VRID}", "virtual_router_id 0", False),
    "vrid-1": (MULTICAST, f"virtual_router_id {VRID}", "virtual_router_id 1", True),
    "vrid-255": (MULTICAST, f"virtual_router_id {VRID}", "virtual_router_id 255", True),
    "vrid-256": (MULTICAST, f"virtual_router_id {VRID}", "virtual_router_id 256", False),
    "v3-interval-0": (V3, "advert_int 1", "advert_int 0", False),
    "v3-interval-1-centisecond": (V3, "advert_int 1", "advert_int 0.01", True),
    "v3-interval-4095-centiseconds": (V3, "advert_int 1", "advert_int 40.95", True),
    "v3-interval-4096-centiseconds": (V3, "advert_int 1", "advert_int 40.96", False),
    "v2-interval-0": (MULTICAST, "advert_int 1", "advert_int 0", False),
    "v2-interval-255": (MULTICAST, "advert_int 1", "advert_int 255", True),
    "v2-interval-256": (MULTICAST, "advert_int 1", "advert_int 256", False),
    "ipv6-without-link-local": (V3, f"{VIRTUAL_ADDRESS}/24", "2001:db8::1/64", False),
    "ipv6-with-link-local": (V3, f"{VIRTUAL_ADDRESS}/24", "2001:db8::1/64\n        fe80::1/64", True),
    "both-families": (V3, f"{VIRTUAL_ADDRESS}/24", f"{VIRTUAL_ADDRESS}/24\n        2001:db8::1/64", False),
    "ipv6-makes-it-v3": (MULTICAST, f"{VIRTUAL_ADDRESS}/24", "fe80::1/64", True),
    "v2-with-ipv6": (V3.replace("version 3", "version 2"), f"{VIRTUAL_ADDRESS}/24", "fe80::1/64", False),
}


@pytest.mark.parametrize("text, before, after, taken", LIMITS.values(), ids=LIMITS)
def test_limits_of_the_protocol(router, text, before, after, taken):
    assert before in text
    router.configure(text.replace(before, after))
    done = router.namespace.run(*router.argv(), "-t", check=False)
    assert done.returncode == (0 if taken else 3), done.stderr
