# SPDX-License-Identifier: BSD-2-Clause
"""Whatever does not answer, or takes all there is, holds up neither a router nor those who ask it."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import time

import pytest

from checks import wait_until
from hanging import HangingMount
from lab import processes
from lab.routers import XvrrpRouter
from lab.run import STATE
from lab.segment import INTERFACE, Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

NAME = "eth0_v4_1"
CONFIGURATION = keepalived_conf([VirtualRouter(1, ("192.0.2.100/32",), interval=0.1)])


@pytest.fixture
def lan(run, xvrrpd):
    return Segment(run, {"one": 1})


def prepared(run, lan, *before, configuration=CONFIGURATION, options=()):
    """Not started; `before` is a command that executes what follows it."""
    router = XvrrpRouter(run, lan.hosts["one"], configuration)
    router.argv = lambda made=router.argv: [*before, *made(), *options]
    return router


def as_master(router):
    router.start()
    router.wait_state(10, "MASTER")
    return router


def scripted(run, commands, line="notify_master"):
    """A configuration with a script of these commands; and the file that its output goes to, which has ended once
    that is there."""
    script, said = run.directory / "script", run.directory / "said"
    script.write_text(f"#!/bin/sh\n({commands}) > {said}.new 2>&1\nmv {said}.new {said}\n")
    script.chmod(0o755)
    router = VirtualRouter(1, ("192.0.2.100/32",), interval=0.1, extra=(f'{line} "{script}" root',))
    return keepalived_conf([router]), said


def output_of(said):
    wait_until(said.exists, 10, "the script")
    return said.read_text().split()


# ---- the log ----

class LogPipe:
    """A daemon whose log goes to a pipe that the test reads, or not."""

    def __init__(self, run, lan):
        self.path = run.directory / "log.pipe"
        os.mkfifo(self.path)
        self.fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        self.router = prepared(run, lan, "sh", "-c", f'exec "$@" > {self.path} 2>&1', "sh")

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
        self.fd = None

    def read(self):
        """What there is."""
        text = b""
        with contextlib.suppress(BlockingIOError):
            while part := os.read(self.fd, 65536):
                text += part
        return text.decode(errors="replace")


@pytest.fixture
def piped(run, lan):
    pipe = LogPipe(run, lan)
    as_master(pipe.router)
    yield pipe
    pipe.close()


def test_the_logs_reader_goes(piped):
    router = piped.router
    piped.close()
    for _ in range(3):
        router.vrrpctl("reload")
    assert router.state() == "MASTER"
    router.vrrpctl("handover")
    wait_until(lambda: router.state() == "MASTER", 10, "the successor")
    assert router.stop() == 0


@pytest.mark.seconds(90)
def test_the_logs_reader_stands_still(piped):
    router = piped.router
    piped.read()
    assert router.status()["daemon"]["lost_log_lines"] == 0
    router.configure(CONFIGURATION + "\n".join(f"no_such_keyword_{number}" for number in range(1000)))
    wait_until(lambda: router.vrrpctl("reload", check=False) and router.status()["daemon"]["lost_log_lines"] > 0, 60, "a loss")
    lost = router.status()["daemon"]["lost_log_lines"]
    assert router.state() == "MASTER"
    found = json.loads(router.vrrpctl("doctor", "-f", str(router.file), "--json", check=False).stdout)["findings"]
    assert "log_lost" in {finding["code"] for finding in found}

    log = ""
    def flows():
        nonlocal log
        log += piped.read()
        return "lines of the log are lost" in log
    wait_until(flows, 20, "the log flows again")
    router.configure(CONFIGURATION)
    router.vrrpctl("reload")
    wait_until(lambda: flows() and "reloaded" in log.rpartition("lines of the log are lost")[2], 20, "what comes after")
    assert router.status()["daemon"]["lost_log_lines"] == lost


@pytest.mark.parametrize("reads", [True, False], ids=["reads", "stands still"])
def test_the_end_waits_for_the_logs_reader_a_while(piped, reads):
    router = piped.router
    if not reads:
        while True:  # so that nothing fits
            try:
                os.write(piped.fd, b"x" * 4096)
            except BlockingIOError:
                break
    assert router.stop() == 0
    assert (piped.read().rstrip().endswith("stopped")) == reads


def test_standard_error_may_be_closed(run, lan):
    router = as_master(prepared(run, lan, "sh", "-c", 'exec "$@" 2>&-', "sh"))
    router.vrrpctl("reload")
    assert router.stop() == 0
    # Were one of its sockets taken for standard error, the process that runs scripts would hold its own end open.
    wait_until(lambda: processes.command("ip", "netns", "pids", router.namespace.name).stdout == "", 10, "an end of all")


# ---- descriptors ----

def held(router, count):
    """Clients that say nothing; those for which the backlog has no room are not among them."""
    clients = []
    for _ in range(count):
        client = socket.socket(socket.AF_UNIX)
        client.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            client.connect(str(STATE / f"{router.namespace.name}.sock"))
            clients.append(client)
    return clients


def test_clients_take_all_descriptors(run, lan):
    router = as_master(prepared(run, lan, "prlimit", "--nofile=60:60"))
    clients = held(router, 200)
    try:
        wait_until(lambda: len(os.listdir(f"/proc/{router.pid()}/fd")) >= 58, 10, "no descriptor left")
        before = processes.cpu_ns(router.pid())
        time.sleep(1)
        assert processes.cpu_ns(router.pid()) - before < 300_000_000, "it spins"
        refused = router.vrrpctl("status", check=False)
        assert refused.returncode == 1 and "too many clients" in refused.stderr, refused
    finally:
        for client in clients:
            client.close()
    wait_until(lambda: router.state() == "MASTER", 20, "an answer")
    router.vrrpctl("reload")


def test_scrapers_take_all_descriptors(run, lan):
    path = run.directory / "metrics.sock"
    router = as_master(prepared(run, lan, "prlimit", "--nofile=64:64", options=("--metrics", f"unix:{path}")))
    clients = held(router, 200)  # of the control socket, all there are
    wait_until(lambda: len(os.listdir(f"/proc/{router.pid()}/fd")) >= 62, 10, "no descriptor left")
    with socket.socket(socket.AF_UNIX) as scraper:
        scraper.settimeout(20)
        scraper.connect(str(path))
        metrics = max(os.listdir(f"/proc/{router.pid()}/task"), key=int)  # begun last
        before = processes.cpu_ns(metrics)
        time.sleep(1)
        assert processes.cpu_ns(metrics) - before < 300_000_000, "it spins"
        for client in clients:
            client.close()
        with contextlib.suppress(OSError):
            scraper.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
            scraper.recv(100)

    def scrape():
        with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
            client.settimeout(2)
            client.connect(str(path))
            client.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
            return client.recv(100).startswith(b"HTTP/1.1 200")
        return False
    wait_until(scrape, 20, "a page")


def test_a_start_without_descriptors_says_so(run, lan):
    """nftables' library ends the process where it gets no socket."""
    nat = VirtualRouter(1, ("192.0.2.100/32",), interval=0.1, extra=("virtual_nat {", f"masquerade oif {INTERFACE}", "}"))
    for most in range(8, 60, 4):
        router = prepared(run, lan, "prlimit", f"--nofile={most}:{most}", configuration=keepalived_conf([nat]))
        done = router.namespace.run("timeout", "--preserve-status", "2", *router.argv(), check=False)
        if done.returncode == 0:
            break
        assert done.returncode in (1, 127), done  # 127: ld.so has not enough for the libraries
        assert "oo many open files" in done.stderr or "cannot open shared object" in done.stderr, done
        assert not (STATE / f"{router.namespace.name}.pid").exists()
    assert done.returncode == 0, "a bound that is enough"


def test_many_interfaces_under_a_low_soft_limit(run, lan):
    """And what it raises for itself, scripts do not get; nor what it ignores, nor what spares it. A successor neither."""
    host = lan.hosts["one"]
    routers = []
    for number in range(40):
        host.ip("link", "add", f"many{number}", "type", "veth", "peer", "name", f"far{number}")
        for end in ("many", "far"):
            host.ip("link", "set", f"{end}{number}", "up")
        host.ip("addr", "add", f"10.7.{number}.1/24", "dev", f"many{number}")
        routers.append(VirtualRouter(1, (f"10.7.{number}.100/32",), interval=0.1, interface=f"many{number}"))
    scripted_one, said = scripted(run, "ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj; grep -i sigign /proc/self/status")
    router = prepared(run, lan, "prlimit", "--nofile=64:4096", "sh", "-c", 'echo -500 > /proc/self/oom_score_adj; exec "$@"', "sh",
                      configuration=scripted_one + keepalived_conf(routers))
    router.start()
    spared = pathlib.Path(f"/proc/{router.pid()}/oom_score_adj").read_text()  # 0: not even root may lower it here
    assert spared in ("-500\n", "0\n")
    wanted = ["64", "4096", "0", "SigIgn:", "0000000180000000"]  # two of glibc's own, 32 and 33: posix_spawn() ignores them
    assert output_of(said) == wanted
    wait_until(lambda: set(router.states().values()) == {"MASTER"}, 20, "Masters")
    said.unlink()
    router.vrrpctl("handover")
    wait_until(lambda: router.states() and set(router.states().values()) == {"MASTER"}, 20, "the successor's Masters")
    router.vrrpctl("drain", NAME)
    router.vrrpctl("undrain", NAME)
    assert output_of(said) == wanted
    assert pathlib.Path(f"/proc/{router.pid()}/oom_score_adj").read_text() == spared


def test_a_bound_on_files_ends_nobody(run, lan):
    done = lan.hosts["one"].run("prlimit", "--fsize=0:0", *prepared(run, lan).argv(), check=False)
    assert done.returncode == 1 and "File too large" in done.stderr, done
    assert not (STATE / f"{lan.hosts['one'].name}.pid").exists()


# ---- what is read ----

def test_a_configuration_that_is_a_fifo(run, lan):
    router = as_master(prepared(run, lan))
    router.file.unlink()
    os.mkfifo(router.file)
    refused = router.vrrpctl("reload", check=False)
    assert refused.returncode == 1 and "no regular file" in refused.stderr, refused
    assert router.state() == "MASTER"
    included = run.directory / "more.conf"
    os.mkfifo(included)
    router.file.unlink()
    router.configure(CONFIGURATION + f"includer {included}\n")
    router.vrrpctl("reload", check=False)
    assert router.state() == "MASTER"


def test_a_tracked_file_that_is_none(run, lan):
    fifo = run.directory / "fifo"
    os.mkfifo(fifo)
    blocks = "".join(f"vrrp_track_file f{number} {{\n file {path}\n}}\n" for number, path in enumerate((fifo, "/dev/zero", run.directory)))
    tracking = VirtualRouter(1, ("192.0.2.100/32",), interval=0.1, extra=("track_file {", *(f"f{n} weight 1" for n in range(3)), "}"))
    as_master(prepared(run, lan, configuration=blocks + keepalived_conf([tracking])))


@pytest.mark.seconds(90)
@pytest.mark.parametrize("what", ["an include", "a tracked file"])
def test_a_mount_that_hangs(run, lan, what):
    router = as_master(prepared(run, lan))
    mount = HangingMount(run)
    if what == "an include":
        router.configure(CONFIGURATION + f"include {mount.path}/more.conf\n")
    else:
        tracking = VirtualRouter(1, ("192.0.2.100/32",), interval=0.1, extra=("track_file {", "f weight 1", "}"))
        router.configure(f"vrrp_track_file f {{\n file {mount.path}/number\n}}\n" + keepalived_conf([tracking]))
    processes.send_signal(router.pid(), signal.SIGHUP)
    until = time.monotonic() + 3
    while time.monotonic() < until:
        assert router.state() == "MASTER"
    refused = router.vrrpctl("reload", check=False)
    assert refused.returncode == 1 and "does not answer" in refused.stderr, refused
    assert router.state() == "MASTER"
    mount.end()
    router.configure(CONFIGURATION)
    wait_until(lambda: router.vrrpctl("reload", check=False).returncode == 0, 20, "a reload")


def test_a_busy_directory_beside_a_tracked_file(run, lan):
    directory = run.directory / "busy"
    directory.mkdir()
    number = directory / "number"
    tracking = VirtualRouter(1, ("192.0.2.100/32",), interval=0.1, extra=("track_file {", "f weight 1", "}"))
    router = as_master(prepared(run, lan, configuration=f"vrrp_track_file f {{\n file {number}\n}}\n" + keepalived_conf([tracking])))
    before, until, made = processes.cpu_ns(router.pid()), time.monotonic() + 2, 0
    while time.monotonic() < until:
        for other in range(100):
            (directory / str(other)).touch()
            (directory / str(other)).unlink()
            made += 1
    used = processes.cpu_ns(router.pid()) - before
    assert used < 200_000_000, f"{used / 1e6:.0f} ms for {made} files of others"
    number.write_text("7\n")
    wait_until(lambda: router.instance(1)["effective_priority"] == 107, 5, "the number")


def test_processes_that_come_and_go(run, lan):
    """One that has ended between a look at its directory and at what is in it."""
    tracking = VirtualRouter(1, ("192.0.2.100/32",), interval=0.1, extra=("track_process {", "p weight 1", "}"))
    blocks = "vrrp_track_process p {\n process sleep\n}\n"
    churn = run.spawn(["sh", "-c", "while :; do /bin/true; done"], run.directory / "churn.log")
    router = as_master(prepared(run, lan, configuration=blocks + keepalived_conf([tracking])))
    for _ in range(50):
        done = router.vrrpctl("doctor", "--no-probe", "-f", str(router.file), "--json", check=False)
        assert json.loads(done.stdout)["schema"] == 1
    assert churn.poll() is None and router.is_running()


# ---- whose name nobody has to say ----

def test_the_only_daemon_here(run, lan):
    router = prepared(run, lan)
    name = router.namespace.name
    router.configure(f"instance {name}\n" + CONFIGURATION)
    router.argv = lambda: [str(router.binaries / "xvrrpd"), "-n", "-f", str(router.file)]
    as_master(router)
    tool = str(router.binaries / "vrrpctl")
    for words in (("reload",), ("status",), ("handover",)):
        done = router.namespace.run(tool, *words, check=False)
        assert done.returncode == 0, done
    wait_until(lambda: router.state() == "MASTER", 10, "the successor")
    assert name in router.namespace.run(tool, "doctor", "-f", str(router.file), "--json", check=False).stdout
    assert router.namespace.run(tool, "--instance", "nobody", "status", check=False).returncode == 3
