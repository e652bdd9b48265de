# SPDX-License-Identifier: BSD-2-Clause
"""load and unload: the data plane without a daemon, and everything that can be in the way."""

import re
import subprocess

import pytest

from conftest import refused, run_vrrpctl


def test_load_and_unload(host):
    said = host.load()
    assert said == f"eth0: observing, nothing is filtered; XDP mode native; pinned in {host.pins}\n"
    assert host.has_xdp()
    done = host.vrrpctl("unload", "eth0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "eth0: unloaded\n", "")
    assert host.leaves_nothing()


def test_shield_names_its_vrids(host):
    assert "eth0: shielding VRIDs 51, 52;" in host.load("--vrid", "52", "--vrid", "51", "--vrid", "52")


def test_skb_mode(host):
    assert "XDP mode skb;" in host.load("--mode", "skb")


def test_auto_says_why_it_fell_back(host):
    done = host.vrrpctl("load", "lo")
    assert done.returncode == 0
    assert "XDP mode skb (native was refused: " in done.stdout


def test_native_where_there_is_none(host):
    refused(host.vrrpctl("load", "lo", "--mode", "native"), 5, "lo: native XDP was refused", "--mode skb")
    assert host.leaves_nothing()


def test_pins_are_readable(host):
    host.load("--vrid", "51")
    dump = subprocess.run(["bpftool", "map", "dump", "pinned", str(host.pins / "if_policy")],
                          capture_output=True, text=True, check=True).stdout
    assert '"mode": 1' in dump


def test_no_such_interface(host):
    refused(host.vrrpctl("load", "eth7"), 1, 'no interface "eth7"')
    assert host.leaves_nothing()


def test_an_impossible_interface_name(host):
    refused(host.vrrpctl("load", "eth0/../" + "x" * 300), 1, "no interface")


@pytest.mark.parametrize("lacking, named", [
    ("-bpf,-sys_admin", {"CAP_BPF"}),
    ("-net_admin", {"CAP_NET_ADMIN"}),
    ("-perfmon,-sys_admin", {"CAP_PERFMON"}),
    ("-all", {"CAP_BPF", "CAP_NET_ADMIN", "CAP_PERFMON"}),
])
@pytest.mark.parametrize("command", ["load", "unload"])
def test_privilege(host, command, lacking, named):
    """nsenter outside of setpriv: it needs CAP_SYS_ADMIN itself."""
    done = run_vrrpctl("--instance", host.instance, command, "eth0",
                       prefix=host.namespace.enter("setpriv", f"--bounding-set={lacking}"))
    needed = {"load": {"CAP_BPF", "CAP_NET_ADMIN", "CAP_PERFMON"}, "unload": {"CAP_BPF", "CAP_NET_ADMIN"}}[command]
    if named & needed:
        line = refused(done, 4, "run it as root")
        assert set(re.findall(r"CAP_\w+", line)) == named & needed
    else:
        refused(done, 3, "nothing is loaded")
    assert host.leaves_nothing()


def test_these_capabilities_are_enough(host):
    limited = ("setpriv", "--bounding-set=-all,+bpf,+net_admin,+perfmon")
    for arguments in (["load", "eth0", "--vrid", "51"], ["stats"], ["watch", "eth0", "--count", "1"], ["unload", "eth0"]):
        done = run_vrrpctl("--instance", host.instance, *arguments, prefix=host.namespace.enter(*limited))
        assert (done.returncode, done.stderr) == (0, ""), arguments


def test_kernel_without_a_feature(host):
    refused(host.vrrpctl("load", "eth0", "--no-feature", "bpf_ringbuf"), 5, "bpf_ringbuf", "5.8")
    assert host.leaves_nothing()


def test_twice(host):
    host.load("--vrid", "51")
    before = host.json("stats")
    refused(host.vrrpctl("load", "eth0"), 6, "already loaded on eth0",
            f"vrrpctl --instance {host.instance} unload eth0")
    assert host.json("stats") == before  # the shield still stands


def test_by_another_instance(host):
    host.load()
    done = run_vrrpctl("--instance", f"{host.instance}-b", "load", "eth0", "--vrid", "51",
                       prefix=host.namespace.enter())
    refused(done, 6, "xvrrp_rx", f"vrrpctl --instance {host.instance} unload eth0")
    assert not host.pins.with_name(f"{host.instance}-b").exists()
    assert host.pins.exists()


def test_foreign_program(host, tmp_path):
    """Its name and id, and how to make room; and that this is enough."""
    source, built = tmp_path / "other.c", tmp_path / "other.o"
    source.write_text('__attribute__((section("xdp"), used)) int other(void *context) { (void)context; return 2; }\n')
    subprocess.run(["clang-14", "-target", "bpf", "-O2", "-g", "-c", source, "-o", built], check=True)
    pin = host.pins.parent.parent / f"{host.instance}-other"
    subprocess.run(["bpftool", "prog", "load", built, pin], check=True)
    try:
        host.namespace.run("bpftool", "net", "attach", "xdp", "pinned", str(pin), "dev", "eth0")
    finally:
        pin.unlink()
    line = refused(host.vrrpctl("load", "eth0"), 6, '"other" (id ', "ip link set dev eth0 xdp off")
    assert not host.pins.exists()
    host.namespace.run(*line.rsplit("make room: ", 1)[1].split())
    host.load()


def test_second_interface(host):
    """One instance, two interfaces, each with its own policy; the pins go with the last."""
    host.load()
    assert host.vrrpctl("load", "lo", "--vrid", "51").returncode == 0
    assert [i["interface"] for i in host.json("stats")["interfaces"]] == ["eth0", "lo"]
    assert host.vrrpctl("unload", "eth0").returncode == 0
    assert [i["interface"] for i in host.json("stats")["interfaces"]] == ["lo"]
    assert host.vrrpctl("unload", "lo").returncode == 0
    assert host.leaves_nothing()


def test_a_failing_second_interface_leaves_the_first(host):
    host.load("--vrid", "51")
    before = host.json("stats")
    refused(host.vrrpctl("load", "lo", "--vrid", "51", "--mode", "native"), 5)
    assert host.json("stats") == before
    assert host.has_xdp()


def test_an_interface_of_that_number_elsewhere(host):
    """Two namespaces number their interfaces alike: one instance could not tell them apart."""
    host.load("--vrid", "51")
    before = host.json("stats")
    done = run_vrrpctl("--instance", host.instance, "load", "peer", "--vrid", "51", prefix=host.wire.enter())
    refused(done, 6, "another network namespace", "--instance")
    assert host.json("stats") == before


def test_unload_what_is_not_there(host):
    refused(host.vrrpctl("unload", "eth0"), 3, "nothing is loaded", host.instance)
    host.load()
    refused(host.vrrpctl("unload", "eth7"), 3, "nothing is loaded on eth7", host.instance)
    assert host.has_xdp()


def test_unload_after_the_interface_is_gone(host):
    host.load()
    host.wire.ip("link", "delete", "peer")
    assert host.vrrpctl("unload", "eth0").returncode == 0
    assert not host.pins.exists()


def test_load_after_the_interface_came_back(host):
    """The pin of the old one is in the way of nobody."""
    host.load()
    host.wire.ip("link", "delete", "peer")
    host.namespace.ip("link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
    assert "eth0: shielding VRID 51;" in host.load("--vrid", "51")


def test_names_with_dots(host):
    """bpffs refuses dots; nobody sees that."""
    host.namespace.ip("link", "add", "eth0.5", "type", "veth", "peer", "name", "eth0.6")
    dotted = ("--instance", f"{host.instance}.x")
    done = run_vrrpctl(*dotted, "load", "eth0.5", prefix=host.namespace.enter())
    assert (done.returncode, done.stderr) == (0, "")
    assert '"eth0.5"' in run_vrrpctl(*dotted, "stats", "--json").stdout
    assert run_vrrpctl("watch", "eth0.5", "--count", "1", prefix=host.namespace.enter()).returncode == 0
    assert run_vrrpctl(*dotted, "unload", "eth0.5").returncode == 0


def test_instances_do_not_share_a_staging_directory(host):
    """NAME-new was once where NAME was built."""
    host.load()
    done = run_vrrpctl("--instance", f"{host.instance}-new", "load", "lo", prefix=host.namespace.enter())
    assert done.returncode == 0
    assert host.vrrpctl("unload", "eth0").returncode == 0
    assert run_vrrpctl("--instance", f"{host.instance}-new", "unload", "lo").stdout == "lo: unloaded\n"


def test_a_running_xvrrpd(host, tmp_path):
    daemon = host.start_xvrrpd(tmp_path)
    refused(host.vrrpctl("load", "eth0"), 6, f"pid {daemon.pid}")
    refused(host.vrrpctl("unload", "eth0"), 6, f"pid {daemon.pid}", "stop it")
    assert host.has_xdp()


def test_what_a_killed_xvrrpd_left(host, tmp_path):
    daemon = host.start_xvrrpd(tmp_path)
    daemon.kill()
    daemon.wait()
    refused(host.vrrpctl("load", "eth0"), 6, f"killed xvrrpd (pid {daemon.pid})",
            f"vrrpctl --instance {host.instance} unload eth0")
    done = host.vrrpctl("unload", "eth0")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"killed xvrrpd (pid {daemon.pid})" in done.stdout
    assert not host.has_xdp() and not host.pins.exists()
    host.load()


def test_another_version_is_replaced_when_asked(host):
    """Its `info` begins with its version; --replace needs to understand no more of it."""
    host.load()
    subprocess.run(["bpftool", "map", "update", "pinned", str(host.pins / "info"), "key", "0", "0", "0", "0", "value",
                    *"9 0 0 0 1 0 0 0 0 0 0 0".split()], check=True, capture_output=True)
    refused(host.vrrpctl("stats"), 6, "data plane 9", "--replace")
    refused(host.vrrpctl("load", "eth0"), 6, "data plane 9", "--replace")
    assert "eth0: observing" in host.load("--replace")
    assert host.vrrpctl("stats").returncode == 0
