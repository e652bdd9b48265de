# SPDX-License-Identifier: BSD-2-Clause
"""One kernel's run: what goes into the machine, and the boot."""

import fcntl
import pathlib
import shutil
import subprocess
import tarfile
import time

from lab.build import REPOSITORY

from . import image, initramfs, judge, kernels, qemu

_RUNS = REPOSITORY / "build" / "vm" / "runs"
_GUEST = pathlib.Path(__file__).parent / "guest"
# Beside the tasks: booting, unpacking, and the end.
_BOOT_S, _SHELL_S = 180, 8 * 3600
_SOURCES = ("include", "scripts", "tests", "docs")


class NotBuilt(Exception):
    pass


def run(kernel, binaries, tasks, recording):
    """Boots the kernel, has it do the tasks, and returns the verdict. What it left is in build/vm/runs/KERNEL."""
    directory, lock = _directory(kernel)
    with lock:
        argv = _prepare(kernel, directory, binaries, tasks, f"file:{directory / 'serial.log'}")
        start = time.monotonic()
        ended = qemu.run(argv, _BOOT_S + sum(task.seconds for task in tasks), directory / "qemu.log")
        return judge.judge(kernel, directory / "exchange", ended, tasks, time.monotonic() - start, recording)


def shell(kernel, binaries):
    """Boots the kernel, with a shell in it on our terminal."""
    directory, lock = _directory(kernel)
    with lock:
        argv = _prepare(kernel, directory, binaries, [], "mon:stdio")
        (directory / "exchange" / "shell").touch()
        qemu.run_on_terminal(argv, _SHELL_S)


def _directory(kernel):
    """Empty, and ours alone as long as the file that comes with it is open."""
    _RUNS.mkdir(parents=True, exist_ok=True)
    lock = open(_RUNS / f"{kernel.name}.lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    directory = _RUNS / kernel.name
    shutil.rmtree(directory, ignore_errors=True)
    (directory / "exchange").mkdir(parents=True)
    return directory, lock


def _prepare(kernel, directory, binaries, tasks, serial):
    programs = [path for path in sorted(binaries.glob("*")) if path.is_file() and path.stat().st_mode & 0o100]
    for needed in ("vrrpctl", "xvrrpd"):
        if binaries / needed not in programs:
            raise NotBuilt(f"{binaries / needed} is not built")
    kernels.fetch(kernel)
    root = image.build(programs)
    initramfs.build(kernel, directory / "initramfs")
    exchange = directory / "exchange"
    _pack(exchange / "tree.tar", binaries, programs)
    shutil.copy(_GUEST / "main", exchange / "main")
    (exchange / "environment").write_text(f"export XVRRP_VM={kernel.name} XVRRP_BIN_DIR={binaries}\n")
    (exchange / "tasks").write_text("".join(task.line for task in tasks))
    return qemu.command(kernel, directory / "initramfs", root, exchange, serial)


def _pack(archive, binaries, programs):
    """The programs without their debugging information, BPF objects, and the sources of the tests, as they are now."""
    with tarfile.open(archive, "w") as tar:
        for program in programs:
            stripped = archive.with_name("stripped")
            subprocess.run(["strip", "-o", stripped, program], check=True, timeout=60)
            tar.add(stripped, str(program))
            stripped.unlink()
        for bpf_object in binaries.parent.glob("bpf/*.bpf.o"):
            tar.add(bpf_object, str(bpf_object))
        for name in _SOURCES:
            tar.add(REPOSITORY / name, str(REPOSITORY / name),
                    filter=lambda member: None if "__pycache__" in member.name else member)
