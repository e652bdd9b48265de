# SPDX-License-Identifier: BSD-2-Clause
"""One virtual machine, from boot to end, and never longer than it may take."""

import subprocess
import time

from lab.interrupts import undisturbed

# A panic ends the machine (-no-reboot), and so does what would leave the kernel in an unknown state.
_KERNEL_ARGUMENTS = "console=ttyS0 panic=-1 oops=panic loglevel=5 log_buf_len=4M net.ifnames=0"


def command(kernel, initramfs, root, exchange, serial):
    """Two processors, 2 GiB, two network cards on one cable; no hardware support: it is to run anywhere."""
    disks = [("root", root), ("modules", kernel.modules_image)]
    drives = [word for name, path in disks for word in (
        "-drive", f"if=none,id={name},file={path},format=raw,readonly=on",
        "-device", f"virtio-blk-pci,drive={name},serial={name}")]
    cards = [word for end in (0, 1) for word in (
        "-netdev", f"hubport,id=end{end},hubid=0",
        "-device", f"virtio-net-pci,netdev=end{end},mac=52:54:00:00:00:0{end},romfile=")]
    return ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "2G", "-no-reboot",
            "-nodefaults", "-display", "none", "-serial", serial,
            "-kernel", kernel.image, "-initrd", initramfs, "-append", _KERNEL_ARGUMENTS, *drives,
            "-fsdev", f"local,id=exchange,path={exchange},security_model=none",
            "-device", "virtio-9p-pci,fsdev=exchange,mount_tag=exchange", *cards]


def run(argv, seconds, log):
    """Until the machine ends itself. False when it had to be ended."""
    with open(log, "wb") as output:
        machine = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        return _ended(machine, seconds)


def run_on_terminal(argv, seconds):
    """The same, with its serial line on our terminal."""
    return _ended(subprocess.Popen(argv), seconds)


def _ended(machine, seconds):
    deadline = time.monotonic() + seconds
    try:
        machine.wait(deadline - time.monotonic())
        return True
    except subprocess.TimeoutExpired:
        return False
    finally:
        if machine.poll() is None:
            with undisturbed():
                machine.kill()
                machine.wait()
