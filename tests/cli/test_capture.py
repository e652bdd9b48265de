# SPDX-License-Identifier: BSD-2-Clause
"""capture: the packets of an interface, each with its verdict, as another program reads them."""

import os
import pty
import signal
import struct
import subprocess
import time

import pytest
from scapy.layers.l2 import Dot1Q, Ether
from scapy.utils import PcapNgReader, rdpcap

from adverts import SOURCE, SOURCE_SIX, bad_checksum, six, v2, v3
from conftest import VRRPCTL, refused, run_vrrpctl

INBOUND, OUTBOUND = 1, 2


class Capturing:
    """vrrpctl capture, from when it captures."""

    def __init__(self, host, *arguments, stdout=subprocess.PIPE):
        self.process = subprocess.Popen(host.namespace.enter(VRRPCTL, "capture", host.interface, *arguments),
                                        stdout=stdout, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.banner = self.process.stderr.readline().decode()
        assert self.banner == "capturing on eth0; Ctrl-C ends\n"

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=5)

    def end(self, number=signal.SIGINT):
        """Standard output and the last line of standard error."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        output, errors = self.process.communicate(timeout=10)
        assert self.process.returncode == 0, errors
        return output, errors.decode().splitlines()[-1]


def options_of(file):
    """Direction and comment of each packet, by a walk over the blocks that is not ours and not scapy's: the one in
    Debian 12 does not show the first and asks for a newline at the end of the second, which the format does not."""
    data, found, at = file.read_bytes(), [], 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        assert length % 4 == 0 and struct.unpack_from("<I", data, at + length - 4)[0] == length
        if kind == 6:
            captured = struct.unpack_from("<I", data, at + 20)[0]
            option, values = at + 28 + (captured + 3) // 4 * 4, {}
            while (code := struct.unpack_from("<H", data, option)[0]) != 0:
                size = struct.unpack_from("<H", data, option + 2)[0]
                values[code] = data[option + 4:option + 4 + size]
                option += 4 + (size + 3) // 4 * 4
            found.append((struct.unpack("<I", values[2])[0], values[1].decode()))
        at += length
    assert at == len(data)
    return found


def comments(file):
    return [comment for _, comment in options_of(file)]


def test_refusals(host, tmp_path):
    refused(host.vrrpctl("capture", "eth0"), 3, "load eth0")
    refused(run_vrrpctl("capture", "eth0", prefix=["setpriv", "--bounding-set=-bpf,-sys_admin"]), 4, "CAP_BPF")
    host.load()
    refused(host.vrrpctl("capture", "eth0", "-w", str(tmp_path / "no/such/file")), 1, "no/such/file")
    elsewhere = run_vrrpctl("--instance", host.instance, "capture", "eth0")
    assert elsewhere.returncode in (1, 3) and "network namespace" in elsewhere.stderr


@pytest.mark.parametrize("mode", ["native", "skb"])
def test_a_file_that_others_read(host, tmp_path, mode):
    """With both families, good and bad packets, and a shield that drops what it does not know."""
    host.load("--vrid", "51", "--mode", mode)
    frames = [v2(51, priority=101), v3(52), six(51), bad_checksum(51)]
    file = tmp_path / "capture.pcapng"
    before = time.time()
    with Capturing(host, "-w", str(file), "-c", "4") as capturing:
        host.send(*frames, b"\0" * 60)
        assert capturing.wait() == (b"", "4 packets; none lost")
    packets = list(PcapNgReader(str(file)))
    assert [bytes(packet)[:len(frame)] for packet, frame in zip(packets, frames)] == frames
    assert comments(file) == [
        "PASS observed: valid advert of a virtual router we only watch",
        "DROP unknown_vrid: VRID is not configured on this interface (RFC 9568 7.1)",
        "PASS observed: valid advert of a virtual router we only watch",
        "DROP checksum: VRRP checksum is wrong (RFC 9568 5.2.8)"]
    assert all(before - 1 < packet.time < time.time() + 1 for packet in packets)
    assert [packet.time for packet in packets] == sorted(packet.time for packet in packets)
    assert [direction for direction, _ in options_of(file)] == [INBOUND] * 4


def test_vlan_tags_are_kept(host, tmp_path):
    host.load()
    frame = Ether(v3(10))
    tagged = Ether(src=frame.src, dst=frame.dst) / Dot1Q(vlan=42) / frame.payload
    with Capturing(host, "-w", str(tmp_path / "file"), "-c", "1") as capturing:
        host.send(tagged)
        capturing.wait()
    (packet,) = rdpcap(str(tmp_path / "file"))
    assert packet[Dot1Q].vlan == 42
    assert bytes(packet)[:len(tagged)] == bytes(tagged)


def test_standard_output(host):
    """No terminal: pcapng. It is whole after each packet, so that a reader beside it sees it."""
    host.load()
    for arguments in ([], ["-w", "-"]):
        with Capturing(host, *arguments) as capturing:
            host.send(v2(150))
            output, last = capturing.end(signal.SIGTERM)
        assert last == "1 packets; none lost"
        assert output[:4] == b"\x0a\x0d\x0d\x0a" and b"PASS observed" in output


def test_lines(host):
    host.load("--vrid", "51")
    with Capturing(host, "--lines", "-c", "3") as capturing:
        host.send(v2(51, priority=101), six(52), bad_checksum(51))
        output, _ = capturing.wait()
    four, other, bad = output.decode().splitlines()
    assert four.split(maxsplit=1)[1] == \
        f"{SOURCE} VRID 51 priority 101 v2 PASS observed: valid advert of a virtual router we only watch"
    assert f" {SOURCE_SIX} VRID 52 priority 100 v3 DROP unknown_vrid: " in other
    assert " DROP checksum: " in bad


def test_terminal(host):
    """Lines, and no capture file on it."""
    host.load()
    ours, theirs = pty.openpty()
    with Capturing(host, "-c", "1", stdout=theirs) as capturing:
        os.close(theirs)
        host.send(v2(150))
        capturing.process.wait(5)
        assert b"VRID 150 priority 100 v2 PASS observed" in os.read(ours, 4096)
    os.close(ours)


def test_it_is_over_by_itself(host):
    """Killed: nothing is wanted any more a few seconds later, and somebody else may capture at once."""
    host.load()
    with Capturing(host) as capturing:
        capturing.process.kill()
        capturing.process.wait(5)
    with Capturing(host) as capturing:
        host.send(v2(150))
        assert capturing.end()[1] == "1 packets; none lost"
    done = host.vrrpctl("capture", "eth0", "--seconds", "0.2", "--lines")
    assert (done.returncode, done.stdout) == (0, "")


def test_one_at_a_time(host):
    host.load()
    with Capturing(host) as first:
        refused(host.vrrpctl("capture", "eth0"), 6, "another capture", host.instance)
        host.send(v2(150))
        assert first.end()[1] == "1 packets; none lost"


def test_unloaded_meanwhile(host):
    host.load()
    with Capturing(host) as capturing:
        assert host.vrrpctl("unload", "eth0").returncode == 0
        _, errors = capturing.process.communicate(timeout=10)
        assert capturing.process.returncode == 3 and b"unloaded" in errors


def test_beside_a_daemon(host, tmp_path):
    """What it consumes as Backup, and what it sends as Master."""
    host.start_xvrrpd(tmp_path)
    file = tmp_path / "capture.pcapng"
    with Capturing(host, "-w", str(file)) as capturing:
        host.send(v2(150, priority=200))
        host.send(v2(150, priority=0))  # it resigns: the daemon takes over after Skew_Time
        deadline = time.monotonic() + 15
        while '"MASTER"' not in host.vrrpctl("status", "--json").stdout or file.read_bytes().count(b"sent\2\0") < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        host.send(v2(150, priority=1))
        capturing.end()
    packets = rdpcap(str(file))
    told = comments(file)
    assert told[0].startswith("consumed backup_restart: ") and told[1].startswith("consumed backup_skew: ")
    assert any(text.startswith("consumed master_heard: ") for text in told)
    sent = [packet for packet, text in zip(packets, told) if text == "sent"]
    assert len(sent) >= 2
    assert all(packet["IP"].src == "192.168.1.11" and packet["IP"].proto == 112 for packet in sent)
    assert all((direction == OUTBOUND) == (text == "sent") for direction, text in options_of(file))
