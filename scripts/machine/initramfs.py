# SPDX-License-Identifier: BSD-2-Clause
"""The initial file system: busybox, /init, and the modules it takes to reach the root file system."""

import pathlib
import shutil

_GUEST = pathlib.Path(__file__).parent / "guest"
_NEEDED = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4", "overlay", "9pnet_virtio", "9p")
_FILE, _DIRECTORY = 0o100755, 0o040755


def build(kernel, path):
    """Writes the archive for this kernel."""
    busybox = shutil.which("busybox")
    files = {"init": (_GUEST / "init").read_bytes(), "bin/busybox": pathlib.Path(busybox).read_bytes()}
    for number, module in enumerate(_load_order(kernel.modules)):
        files[f"modules/{number:02}-{module.name}"] = module.read_bytes()
    with open(path, "wb") as archive:
        for directory in ("bin", "modules"):
            _append(archive, directory, _DIRECTORY, b"")
        for name, content in files.items():
            _append(archive, name, _FILE, content)
        _append(archive, "TRAILER!!!", 0, b"")


def _load_order(directory):
    """The needed modules and theirs, each behind those it depends on; what is built into the kernel is left out."""
    dependencies, by_name = {}, {}
    for line in (directory / "modules.dep").read_text().splitlines():
        module, _, needs = line.partition(": " if ": " in line else ":")
        # depmod names what is to be loaded first last.
        dependencies[module] = needs.split()[::-1]
        by_name[module.rpartition("/")[2].partition(".ko")[0]] = module
    order = []
    for name in _NEEDED:
        if name in by_name:
            order += [*dependencies[by_name[name]], by_name[name]]
    return [directory / module for module in dict.fromkeys(order)]


def _append(archive, name, mode, content):
    """One member in the format that cpio calls newc."""
    links = 2 if mode == _DIRECTORY else 1
    name = name.encode() + b"\0"
    numbers = (0, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(name), 0)
    header = b"070701" + b"".join(b"%08x" % number for number in numbers) + name
    archive.write(header + b"\0" * (-len(header) % 4) + content + b"\0" * (-len(content) % 4))
