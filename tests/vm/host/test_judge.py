# SPDX-License-Identifier: BSD-2-Clause
"""What scripts/vm makes of what a guest left: nothing bad may pass for good."""

import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts"))

from machine import initramfs, judge, table  # noqa: E402
from machine.kernels import Kernel  # noqa: E402
from machine.rooms import Task  # noqa: E402

KERNEL = Kernel("6.1", "linux-image-amd64", "linux-image-6.1.0-1-amd64", "6.1.1-1", "00")
TASKS = [Task("features", 1, ""), Task("programs", 1, ""), Task("bpf", 1, "")]
PASSING = '<testsuites><testsuite><testcase classname="Own" name="Roles" time="0.5" /></testsuite></testsuites>'


class Guest:
    """What it leaves: at first, that all is well."""

    def __init__(self, directory):
        self.directory = directory / "exchange"
        self.directory.mkdir()
        (directory / "serial.log").write_text("booting\n")
        (directory / "qemu.log").touch()
        self.leave("finished")
        self.leave("kernel.log", "[    1.0] Linux version 6.1\n[    2.0] rcu: Hierarchical SRCU implementation.\n"
                   "[    2.1] Command line: panic=-1 oops=panic\n")
        self.leave("features.json", json.dumps({"features": [{"name": "bpf_timer", "present": True}]}))
        self.leave("programs.json", json.dumps([{"name": "rx", "verified": 1000}]))
        self.leave("bpf.xml", PASSING)
        for task in TASKS:
            self.leave(f"{task.name}.status", "0 1 2")

    def leave(self, name, text=""):
        (self.directory / name).write_text(text)

    def never_left(self, name):
        (self.directory / name).unlink()

    def failed(self, recording=False):
        verdict = judge.judge(KERNEL, self.directory, True, TASKS, 1, recording)
        return {case.name: case.reason for case in verdict.failed}


@pytest.fixture
def guest(tmp_path, monkeypatch):
    monkeypatch.setattr(judge, "VERIFIED", tmp_path / "verified.json")
    monkeypatch.setattr(judge, "expected", lambda _kernel: {"missing": [], "refusal": ""})
    judge.VERIFIED.write_text(json.dumps({"6.1": {"rx": 1000}}))
    return Guest(tmp_path)


def test_all_is_well(guest):
    assert guest.failed() == {}


def test_a_panic(guest):
    guest.never_left("finished")
    (guest.directory.parent / "serial.log").write_text("fine\n[  3.0] Kernel panic - not syncing: ouch\nmore\n")
    said = guest.failed()["boots and ends"]
    assert said.startswith("the kernel panicked\n[  3.0] Kernel panic - not syncing: ouch\nmore")


@pytest.mark.parametrize("line", [
    "WARNING: CPU: 0 PID: 9 at kernel/bpf/helpers.c:1 x+0x1/0x2", "BUG: sleeping function called from invalid context",
    "rcu: INFO: rcu_preempt self-detected stall on CPU", "BPF:[51] FUNC xv_rx type_id=1 Invalid",
    "xvrrpd[7]: segfault at 0", "INFO: task xvrrpd:7 blocked for more than 120 seconds.",
    "unregister_netdevice: waiting for veth0 to become free"])
def test_the_kernels_log(guest, line):
    guest.leave("kernel.log", f"[    5.0] {line}\n")
    assert guest.failed() == {"dmesg is clean": f"[    5.0] {line}"}


def test_a_feature_that_is_gone(guest):
    guest.leave("features.json", json.dumps({"features": [{"name": "bpf_timer", "present": False}]}))
    assert "bpf_timer" in guest.failed()["features"]


@pytest.mark.parametrize("programs, said", [
    ({"rx": 1201}, "1201 instructions; 1000 are recorded"),
    ({"rx": 1000, "new": 1}, "new: 1 instructions, and none recorded"), ({}, "rx is recorded, and not among"),
    ({"rx": 50_001}, "more than 50000")])
def test_what_the_verifier_walked(guest, programs, said):
    guest.leave("programs.json", json.dumps([{"name": name, "verified": count} for name, count in programs.items()]))
    assert said in guest.failed()["programs"]


def test_recording_does_not_compare(guest):
    guest.leave("programs.json", json.dumps([{"name": "rx", "verified": 2000}]))
    assert guest.failed(recording=True) == {}


def test_a_refusal(guest, monkeypatch):
    guest.leave("programs.status", "1 1 2")
    guest.leave("programs.log", "R1 is odd.\n")
    assert guest.failed()["programs"].endswith("R1 is odd.")
    monkeypatch.setattr(judge, "expected", lambda _kernel: {"missing": [], "refusal": "R1 is odd."})
    assert guest.failed() == {}
    guest.leave("programs.status", "0 1 2")
    assert "loads, but" in guest.failed()["programs"]


def test_a_room_without_its_file(guest):
    guest.never_left("bpf.xml")
    guest.leave("bpf.status", "124 1 2")
    guest.leave("bpf.log", "[ RUN      ] A.B\n[       OK ] A.B (3 ms)\n[ RUN      ] A.C\nbad\n[  FAILED  ] A.C (4 ms)\n"
                "[ RUN      ] A.D\n")
    failed = guest.failed()
    assert failed["A::C"] == "bad"
    assert failed["the whole room"].startswith("it took more than 1 s")


@pytest.mark.parametrize("status", ["1 1 2", "139 1 2"])
def test_a_room_that_ended_badly_with_every_case_passed(guest, status):
    guest.leave("bpf.status", status)
    assert "the whole room" in guest.failed()


def test_a_room_that_was_not_run(guest):
    guest.never_left("bpf.status")
    guest.never_left("bpf.xml")
    assert "it was not run" in guest.failed()["the whole room"]


def test_a_room_without_a_case(guest):
    guest.leave("bpf.xml", "<testsuites />")
    assert "the whole room" in guest.failed()


def test_the_modules_of_the_initial_file_system_are_in_order(tmp_path):
    (tmp_path / "modules.dep").write_text("kernel/overlay.ko:\nkernel/ext4.ko: kernel/crc.ko kernel/jbd2.ko\n"
                                          "kernel/jbd2.ko:\nkernel/crc.ko: kernel/jbd2.ko\n")
    order = [path.name for path in initramfs._load_order(tmp_path)]
    assert order == ["jbd2.ko", "crc.ko", "ext4.ko", "overlay.ko"]


def test_recording_one_kernel_keeps_the_rows_of_the_others(guest, tmp_path, monkeypatch):
    monkeypatch.setattr(table, "DOCUMENT", tmp_path / "kernels.md")
    monkeypatch.setattr(table.kernels, "locked", lambda: {"6.1": KERNEL, "6.12": None})
    table.DOCUMENT.write_text(f"before\n{table._BEGIN}\n| kernel | lacks | old |\n|---|---|---|\n| 6.1 | all | 1 |\n"
                              f"| 6.12 | nothing | - |\n{table._END}\nafter\n")
    verdict = judge.judge(KERNEL, guest.directory, True, TASKS, 1, True)
    table.write([verdict])
    assert table.DOCUMENT.read_text() == (
        f"before\n{table._BEGIN}\n"
        "| kernel | Debian's package       | lacks   | `rx`  | checks   | bpf      |\n"
        "|--------|------------------------|---------|-------|----------|----------|\n"
        "| 6.1    | 6.1.0-1-amd64, 6.1.1-1 | nothing | 1,000 | 4 passed | 1 passed |\n"
        "| 6.12   | -                      | nothing | -     | -        | -        |\n"
        f"{table._END}\nafter\n")
