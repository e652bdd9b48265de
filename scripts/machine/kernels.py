# SPDX-License-Identifier: BSD-2-Clause
"""Debian's kernels: which (tests/vm/kernels.toml), fetched once, checked, and unpacked below build/vm/kernels."""

import fcntl
import hashlib
import lzma
import pathlib
import re
import shutil
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass, replace

from lab.build import REPOSITORY

from .image import make_image

LOCK = REPOSITORY / "tests" / "vm" / "kernels.toml"
CACHE = REPOSITORY / "build" / "vm" / "kernels"
_DOWNLOAD_S, _UNPACK_S, _ASK_S = 900, 300, 60
# Of a kernel's modules, those that the guest can use: its devices, its file systems, and everything about networks.
_MODULES = ("arch/x86/crypto/", "crypto/", "drivers/block/virtio_blk.", "drivers/net/*.", "drivers/net/bonding/",
            "drivers/net/team/", "drivers/virtio/", "fs/9p/", "fs/ext4/", "fs/fscache/", "fs/jbd2/", "fs/mbcache.",
            "fs/netfs/", "fs/overlayfs/", "lib/", "net/")


class Unknown(Exception):
    """There is no such kernel or room."""


class FetchFailed(Exception):
    pass


@dataclass(frozen=True)
class Kernel:
    name: str  # what a person calls it: 6.1, 6.12-rt
    follows: str  # the metapackage that names Debian's newest one
    package: str
    version: str  # of the package
    sha256: str

    @property
    def release(self):
        """What uname -r says."""
        return self.package.removeprefix("linux-image-")

    @property
    def root(self):
        """vmlinuz, modules/, modules.img (the same as a disk), and sha256, which is written last."""
        return CACHE / self.name

    @property
    def image(self):
        return self.root / "vmlinuz"

    @property
    def modules(self):
        return self.root / "modules" / "lib" / "modules" / self.release

    @property
    def modules_image(self):
        return self.root / "modules.img"

    @property
    def is_here(self):
        stamp = self.root / "sha256"
        return stamp.exists() and stamp.read_text() == self.sha256


def locked():
    """The kernels we test on, by name, in the order of the file."""
    with open(LOCK, "rb") as file:
        return {name: Kernel(name, **fields) for name, fields in tomllib.load(file).items()}


def fetch(kernel):
    """Brings the kernel here, unless it is; a package that is not the recorded one is refused."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f"{kernel.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kernel.is_here:
            return
        shutil.rmtree(kernel.root, ignore_errors=True)
        kernel.root.mkdir()
        with tempfile.TemporaryDirectory(dir=CACHE) as directory:
            package = _download(kernel, pathlib.Path(directory))
            _unpack(kernel, package, pathlib.Path(directory, "unpacked"))
        (kernel.root / "sha256").write_text(kernel.sha256)


def update():
    """Rewrites the lock file with what apt offers today; returns the kernels that changed."""
    before = locked()
    after = {name: _newest(kernel) for name, kernel in before.items()}
    comment = "".join(line for line in LOCK.read_text().splitlines(keepends=True) if line.startswith("#"))
    tables = [f'["{kernel.name}"]\nfollows = "{kernel.follows}"\npackage = "{kernel.package}"\n'
              f'version = "{kernel.version}"\nsha256 = "{kernel.sha256}"\n' for kernel in after.values()]
    LOCK.write_text(comment + "\n" + "\n".join(tables))
    return [kernel for kernel in after.values() if kernel != before[kernel.name]]


def _newest(kernel):
    depends = re.search(r"^Depends: (linux-image-\S+)", _show(kernel.follows), re.MULTILINE)
    if not depends:
        raise FetchFailed(f"{kernel.follows} does not name its kernel")
    record = _show(depends[1])
    fields = {key: re.search(rf"^{key}: (\S+)", record, re.MULTILINE)[1] for key in ("Package", "Version", "SHA256")}
    return replace(kernel, package=fields["Package"], version=fields["Version"], sha256=fields["SHA256"])


def _show(package):
    """apt's record of the newest version."""
    return _run("apt-cache", "show", "--no-all-versions", package, timeout=_ASK_S)


def _download(kernel, directory):
    _run("apt-get", "-q", "download", f"{kernel.package}={kernel.version}", timeout=_DOWNLOAD_S, cwd=directory,
         hint="If apt's lists are old: apt-get update. If Debian has a newer one: scripts/vm update")
    package = next(directory.glob("*.deb"))
    found = hashlib.sha256(package.read_bytes()).hexdigest()
    if found != kernel.sha256:
        raise FetchFailed(f"{package.name} has the SHA-256 {found}; {LOCK.name} says {kernel.sha256}")
    return package


def _unpack(kernel, package, directory):
    _run("dpkg-deb", "--extract", package, directory, timeout=_UNPACK_S)
    shutil.move(directory / "boot" / f"vmlinuz-{kernel.release}", kernel.image)
    modules = directory / "lib" / "modules" / kernel.release
    for path in (modules / "kernel").rglob("*.ko*"):
        name = str(path.relative_to(modules / "kernel"))
        if not any(_selects(pattern, name) for pattern in _MODULES):
            continue
        target = kernel.modules / "kernel" / name.removesuffix(".xz")
        target.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes()
        target.write_bytes(lzma.decompress(content) if path.suffix == ".xz" else content)
    for path in modules.glob("modules.*"):  # what is built in, and the order: depmod reads them
        shutil.copy(path, kernel.modules)
    _run("/usr/sbin/depmod", "--basedir", kernel.root / "modules", kernel.release, timeout=_UNPACK_S)
    make_image(kernel.root / "modules" / "lib" / "modules", kernel.modules_image)


def _selects(pattern, name):
    """A prefix; "*" is a name without a directory."""
    folder, star, _ = pattern.partition("*")
    return name.startswith(folder) and (not star or "/" not in name[len(folder):])


def _run(*argv, timeout, cwd=None, hint=""):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout, cwd=cwd, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        problem = f"{' '.join(map(str, argv))}: exit {done.returncode}: {said}"
        raise FetchFailed("\n".join(filter(None, [problem, hint])))
    return done.stdout
