# SPDX-License-Identifier: BSD-2-Clause
"""`xvrrpd --metrics`: scraped as Prometheus does, beside what the tool and the wire say; and by clients that behave badly."""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections import defaultdict

import pytest

from checks import threads, wait_until
from lab import processes
from lab.capture import now
from lab.packets import Advert
from lab.routers import XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

MONITORING = pathlib.Path(__file__).resolve().parents[2] / "docs/monitoring"
PORT = 9650
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
RFC6527 = ("checksum_errors", "version_errors", "vrid_errors", "adverts_received", "advert_interval_errors",
           "ip_ttl_errors", "priority_zero_received", "invalid_type_packets", "address_list_errors",
           "packet_length_errors", "became_master", "adverts_sent", "priority_zero_sent")


class MeteredRouter(XvrrpRouter):
    metrics = f"127.0.0.1:{PORT}"

    def argv(self):
        return [*super().argv(), "--metrics", self.metrics]

    def connect(self):
        """A connection to the endpoint."""
        if self.metrics.startswith("unix:"):
            made = socket.socket(socket.AF_UNIX)
            made.connect(self.metrics.removeprefix("unix:"))
            return made
        host, _, port = self.metrics.rpartition(":")
        return self.namespace.inside(socket.create_connection, (host.strip("[]"), int(port)), 10)

    def ask(self, request=b"GET /metrics HTTP/1.1\r\nHost: lab\r\n\r\n"):
        """Status and body."""
        with self.connect() as connection:
            connection.settimeout(10)
            connection.sendall(request)
            return answer(connection)

    def scrape(self):
        """The page."""
        status, body = self.ask()
        assert status == 200, body
        return body

    def samples(self):
        return parse(self.scrape())

    def value(self, metric, **labels):
        """The sum of the metric's samples that have these labels."""
        return sum(value for found, value in self.samples()[metric] if labels.items() <= found.items())


def answer(connection):
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, response.read().decode()


def parse(page):
    """(labels, value) by name."""
    samples = defaultdict(list)
    for line in page.splitlines():
        if not line.startswith("#"):
            name, labels, value = SAMPLE.match(line).groups()
            samples[name].append((dict(LABEL.findall(labels or "")), float(value)))
    return samples


def routers(count, priority, interval=0.1, address="10.{}.{}.1/32"):
    return [VirtualRouter(vrid, (address.format(family, vrid),) if family == 4 else (f"fe80::{vrid:x}:1/64",), 3, family,
                          priority, interval)
            for family in (4, 6) for vrid in range(1, count + 1)]


@pytest.fixture
def pair(run, xvrrpd):
    """A Master and its Backup, both scraped."""
    segment = Segment(run, {"one": 1, "two": 2, "other": 3})
    made = {name: MeteredRouter(run, segment.hosts[name], keepalived_conf(routers(1, priority)))
            for name, priority in (("one", 200), ("two", 100))}
    made["one"].start()
    made["one"].wait_state(10, "MASTER")
    made["two"].start()
    wait_until(lambda: made["two"].states() == {(1, 4): "BACKUP", (1, 6): "BACKUP"}, what="a Backup")
    return segment, made["one"], made["two"]


def test_a_failover_as_prometheus_sees_it(pair):
    _segment, one, two = pair
    for family in ("ipv4", "ipv6"):
        labels = {"interface": "eth0", "vrid": "1", "family": family, "name": f"eth0_v{family[-1]}_1"}
        assert one.value("xvrrp_state", state="MASTER", **labels) == 1
        assert one.value("xvrrp_state", **labels) == 1, "it is in one state"
        assert two.value("xvrrp_state", state="BACKUP", **labels) == 1
        wait_until(lambda: two.value("xvrrp_adverts_received_total", family=family) > 3, what="adverts received")
    assert two.value("xvrrp_master_priority", family="ipv4") == 200
    assert two.value("xvrrp_heard_silence_seconds", family="ipv4") > 0
    assert two.value("xvrrp_priority", family="ipv4") == 100
    sent = one.value("xvrrp_adverts_sent_total", family="ipv4")
    counted = one.value("xvrrp_advert_lateness_seconds_count", family="ipv4")
    assert counted > 0
    wait_until(lambda: one.value("xvrrp_adverts_sent_total", family="ipv4") > sent, what="more adverts sent")
    wait_until(lambda: one.value("xvrrp_advert_lateness_seconds_count", family="ipv4") > counted, what="more counted")
    assert one.value("xvrrp_lease_seconds", family="ipv4") == pytest.approx(0.25)
    assert "xvrrp_lease_seconds" not in two.samples(), "a Backup has no lease"
    assert one.value("xvrrp_build_info", daemon=one.namespace.name) == 1
    for name in RFC6527:
        assert f"xvrrp_{name}_total" in one.samples(), name

    # Its kernel fences a daemon that is stopped, and the metrics tell of it afterwards.
    processes.send_signal(one.pid(), signal.SIGSTOP)
    try:
        wait_until(lambda: two.value("xvrrp_state", state="MASTER") == 2, what="a takeover")
    finally:
        processes.send_signal(one.pid(), signal.SIGCONT)
    assert two.value("xvrrp_transitions_total", to="MASTER", reason="master-silent") == 2
    assert two.value("xvrrp_became_master_total") == 2
    wait_until(lambda: one.value("xvrrp_fenced") == 0 and one.value("xvrrp_state", state="MASTER") == 2,
               what="the old Master without its fence")
    assert one.value("xvrrp_lease_expired_total") == 2
    assert one.value("xvrrp_packets_total", reason="lease_expired", kind="note") == 2

    # It says what the tool says; reloaded it goes on.
    one.reload()
    wait_until(lambda: "reloaded" in one.log_tail(), what="a reload")
    assert one.value("xvrrp_became_master_total", family="ipv4") == one.instance(1)["counters"]["became_master"]
    one.vrrpctl("handover")
    wait_until(lambda: one.states() == {(1, 4): "MASTER", (1, 6): "MASTER"}, what="the successor")
    assert one.value("xvrrp_transitions_total", reason="resumed") == 2
    assert one.stop() == 0


def names_in(text):
    """What is asked of Prometheus; a histogram's parts are samples of their own."""
    return set(re.findall(r"\bxvrrp_\w+", text))


def test_the_page_the_rules_and_the_dashboard(run, pair):
    segment, one, two = pair
    other = XvrrpRouter(run, segment.hosts["other"], keepalived_conf([VirtualRouter(9, ("10.9.9.9/32",), interval=0.1)]))
    other.start()
    one.vrrpctl("drain", "eth0_v4_1")
    wait_until(lambda: two.value("xvrrp_state", state="MASTER") == 1, what="a takeover")
    wait_until(lambda: two.value("xvrrp_interface_packets_total", reason="unknown_vrid", kind="bad") > 0,
               what="packets of a VRID that is not ours")
    assert two.value("xvrrp_vrid_errors_total") > 0
    pages = [one.scrape(), two.scrape()]
    for page in pages:
        judged = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True)
        assert judged.returncode == 0 and judged.stderr == "", judged.stderr
    scraped = {name for page in pages for name in parse(page)}
    rules = subprocess.run(["promtool", "check", "rules", str(MONITORING / "alerts.yml")], capture_output=True, text=True)
    assert rules.returncode == 0, rules.stdout + rules.stderr
    tests = subprocess.run(["promtool", "test", "rules", str(MONITORING / "alerts_test.yml")], capture_output=True,
                           text=True)
    assert tests.returncode == 0, tests.stdout + tests.stderr
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    targets = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    asked = set().union(names_in((MONITORING / "alerts.yml").read_text()), *map(names_in, targets))
    assert len(asked) > 10
    assert asked <= scraped, asked - scraped
    described = {line.split()[2] for page in pages for line in page.splitlines() if line.startswith("# TYPE")}
    documented = names_in((MONITORING / "README.md").read_text())
    assert documented == described, documented ^ described


MANY = 200  # of each family
INTERVAL = 0.2
ADVERTS = 15  # of each router while it is scraped
LATE = 1.5  # intervals: one that is longer has missed an advert


@pytest.mark.seconds(120)
def test_scrapes_of_many_routers_cost_no_advert(run, xvrrpd, record_property):
    segment = Segment(run, {"one": 1})
    one = MeteredRouter(run, segment.hosts["one"], keepalived_conf(routers(MANY, 200, INTERVAL)))
    one.start()
    wait_until(lambda: set(one.states().values()) == {"MASTER"}, 20, "400 Masters")
    with segment.capture() as capture:
        since, scrapes = now(), 0
        while len(capture.select(Advert, since, vrid=MANY, family=6)) < ADVERTS:
            page = one.scrape()
            scrapes += 1
        until = now()
        seen = defaultdict(list)
        for advert in capture.select(Advert, since):
            if advert.time < until:
                seen[advert.family, advert.vrid].append(advert.time)
    record_property("scrapes", scrapes)
    record_property("page", len(page))
    assert scrapes > 1
    assert len(parse(page)["xvrrp_adverts_sent_total"]) == 2 * MANY
    assert len(seen) == 2 * MANY
    gaps = [after - before for times in seen.values() for before, after in zip(times, times[1:])]
    late = [gap for gap in gaps if gap > LATE * INTERVAL * 1e9]
    record_property("late", f"{len(late)} of {len(gaps)}")
    # A machine that stands still delays every router's advert once; a scrape in the election's way would do so each time.
    assert len(late) < 0.1 * len(gaps)
    assert one.stats() and one.value("xvrrp_realtime") == 1
    schedulers = [os.sched_getscheduler(thread) & ~os.SCHED_RESET_ON_FORK for thread in threads(one.pid())]
    assert schedulers.count(os.SCHED_FIFO) == 1, "the heartbeat's thread alone has priority over others"


@pytest.fixture
def alone(run, xvrrpd):
    segment = Segment(run, {"one": 1})
    return MeteredRouter(run, segment.hosts["one"], keepalived_conf(routers(1, 200)))


REFUSED = {
    b"GET / HTTP/1.1\r\n\r\n": 404,
    b"GET /metrics/x HTTP/1.1\r\n\r\n": 404,
    b"POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc": 405,
    b"HEAD /metrics HTTP/1.1\r\n\r\n": 405,
    b"GET metrics HTTP/1.1\r\n\r\n": 400,
    b"GET /metrics\r\n\r\n": 400,
    b"\r\n\r\n": 400,
    b"\x16\x03\x01\x00\xff\r\n\r\n": 400,  # TLS
    b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n": 431,
    b"x" * 100_000: 431,
}


def test_clients_that_behave_badly(alone):
    alone.start()
    pid = alone.pid()
    for request, status in REFUSED.items():
        assert alone.ask(request)[0] == status, request[:40]
    assert alone.ask(b"GET /metrics?x=1 HTTP/1.0\r\n\r\n")[0] == 200
    # Byte by byte, and with nothing read meanwhile.
    with alone.connect() as slow:
        for byte in b"GET /metrics HTTP/1.1\r\n\r\n":
            slow.sendall(bytes([byte]))
        assert answer(slow)[0] == 200
    # Many who never ask, or never read: the newest is served all the same, and the oldest are sent away.
    held = [alone.connect() for _ in range(50)]
    for connection in held[::2]:
        connection.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
    assert alone.ask()[0] == 200
    for connection in held[1::2]:
        connection.settimeout(20)
        assert connection.recv(1) == b"", "one who asks nothing is sent away"
    for connection in held:
        connection.close()
    descriptors = pathlib.Path(f"/proc/{pid}/fd")
    few = len(list(descriptors.iterdir()))
    for _ in range(50):
        alone.connect().close()
    wait_until(lambda: len(list(descriptors.iterdir())) <= few, what="closed descriptors")
    assert alone.is_running() and alone.pid() == pid


def test_a_socket_file(alone, tmp_path):
    path = tmp_path / "metrics.sock"
    alone.metrics = f"unix:{path}"
    alone.start()
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert path.stat().st_uid == 0
    assert alone.value("xvrrp_virtual_routers") == 2
    alone.kill()
    assert path.exists()
    odd = alone.file.read_bytes().replace(b"vrrp_instance eth0_v4_1", b'vrrp_instance "\\\xc3\xa4"')
    alone.file.write_bytes(odd)
    alone.start()  # in the place of the dead one's
    assert alone.value("xvrrp_virtual_routers") == 2
    assert "\N{LATIN SMALL LETTER A WITH DIAERESIS}" in alone.scrape()
    assert alone.stop() == 0
    assert not path.exists()


SWAP = """import os, sys
path, target = sys.argv[1:]
print(flush=True)
while True:
    try:
        os.rename(path, path + ".old")
        os.symlink(target, path)
        break
    except FileNotFoundError:
        pass
"""


def test_a_socket_file_in_a_directory_of_somebody_else(alone):
    """Who puts a link in its place as soon as it is there: what the link leads to stays as it is."""
    with tempfile.TemporaryDirectory() as name:
        directory, target = pathlib.Path(name), pathlib.Path(name, "target")
        directory.chmod(0o755)
        target.write_text("secret")
        target.chmod(0o600)
        for attempt in range(5):
            theirs = directory / f"theirs{attempt}"
            theirs.mkdir()
            shutil.chown(theirs, "nobody")
            alone.metrics = f"unix:{theirs}/metrics.sock"
            swap = subprocess.Popen(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--inh-caps=-all", sys.executable,
                                     "-c", SWAP, f"{theirs}/metrics.sock", str(target)], stdout=subprocess.PIPE)
            try:
                swap.stdout.readline()
                alone.start()
                assert swap.wait(10) == 0
            finally:
                swap.kill()
                swap.wait()
            alone.kill()
            assert (stat.S_IMODE(target.stat().st_mode), target.read_text()) == (0o600, "secret")


def test_an_ipv6_address_and_off_by_default(alone):
    alone.namespace.sysctl("net.ipv6.conf.lo.disable_ipv6", 0)
    alone.metrics = f"[::1]:{PORT}"
    alone.start()
    assert alone.value("xvrrp_virtual_routers") == 2
    alone.stop()
    listening = ("ss", "-Hltnp")
    plain = XvrrpRouter.argv(alone)
    assert "--metrics" not in plain
    alone.argv = lambda: plain
    alone.start()
    assert alone.namespace.run(*listening).stdout == ""


@pytest.mark.parametrize("address, code, said", [
    ("9650", 2, "HOST:PORT"), (":9650", 2, "HOST:PORT"), ("::1:9650", 2, "HOST:PORT"), ("127.0.0.1:", 2, "65535"),
    ("127.0.0.1:0", 2, "65535"), ("127.0.0.1:65536", 2, "65535"), ("127.0.0.1:http", 2, "65535"),
    ("no.such.host.invalid:9650", 2, "no.such.host.invalid"), ("unix:metrics.sock", 2, "begin with /"),
    ("unix:/" + "x" * 120, 2, "107"), ("unix:/no/such/place/x", 1, "/no/such/place/x"), ("192.0.2.77:9650", 1, "192.0.2.77"),
    ("unix:/etc/hostname", 6, "no socket"), (f"127.0.0.1:{PORT}", 6, "another address"),
    ("unix:USED", 6, "another address")])
def test_addresses_that_cannot_be(alone, tmp_path, address, code, said):
    used = str(tmp_path / "used.sock")
    alone.metrics = address.replace("USED", used)

    def listen(family, where):
        made = socket.socket(family)
        made.bind(where)
        made.listen()
        return made
    with alone.namespace.inside(listen, socket.AF_INET, ("127.0.0.1", PORT)), listen(socket.AF_UNIX, used):
        done = alone.namespace.run(*alone.argv(), check=False)
        assert done.returncode == code, done.stderr
        assert "--metrics" in done.stderr and said in done.stderr, done.stderr
        assert pathlib.Path(used).exists()
    assert pathlib.Path("/etc/hostname").is_file()
