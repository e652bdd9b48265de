# SPDX-License-Identifier: BSD-2-Clause
"""Other kernels, in virtual machines: fetched from Debian, booted in qemu, tested, judged.

The guest's root file system is made of the packages that are installed here (image.py); programs and tests come with
every run, at the paths that they have here. Only the kernel and its modules differ. There is no network in the guest
but a cable from its one card to its other.
"""
