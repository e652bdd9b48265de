# SPDX-License-Identifier: BSD-2-Clause
"""The guest's root file system: a disk image of the Debian packages that the tests use, as they are installed here.

Made again when a package changes. It holds nothing of ours: programs and tests come fresh with every run.
"""

import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from lab.build import REPOSITORY

IMAGE = REPOSITORY / "build" / "vm" / "root.img"
# With what they depend on.
_PACKAGES = ("bash", "bpftool", "coreutils", "dash", "ethtool", "findutils", "frr", "grep", "hostname", "iproute2",
             "iputils-ping", "keepalived", "kmod", "libc-bin", "mawk", "mount", "nftables", "procps", "python3",
             "python3-pytest", "python3-scapy", "sed", "strace", "tar", "tcpdump", "util-linux", "xdp-tools")
_LEFT_OUT = re.compile(r"/usr/share/(doc|man|locale|info|lintian|i18n|perl)/|/usr/lib/.*/perl|/usr/lib/systemd/")
# Made when packages are installed, so they are in no package's list.
_MADE_HERE = ("/etc/passwd", "/etc/group", "/etc/ld.so.cache", "/etc/alternatives")
_SPARE_KIB = 16 * 1024
_PACK_S = 300


def build(programs):
    """Brings the image up to date: with the libraries that these programs need, too. Returns its path."""
    packages = _with_dependencies()
    libraries = _libraries(programs)
    key = hashlib.sha256(pathlib.Path(__file__).read_bytes())
    key.update(_output("dpkg-query", "-W", *packages).encode())
    key.update("".join(f"{path} {path.stat().st_mtime_ns}\n" for path in libraries).encode())
    stamp = IMAGE.with_suffix(".key")
    IMAGE.parent.mkdir(parents=True, exist_ok=True)
    with open(IMAGE.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not IMAGE.exists() or not stamp.exists() or stamp.read_text() != key.hexdigest():
            _make({*_files_of(packages), *libraries, *map(pathlib.Path, _MADE_HERE)})
            stamp.write_text(key.hexdigest())
    return IMAGE


def _make(files):
    with tempfile.TemporaryDirectory(dir=IMAGE.parent) as directory:
        root = pathlib.Path(directory)
        for name in ("dev", "proc", "sys", "run", "tmp", "root", "var/tmp", "var/log", "usr/bin", "usr/sbin",
                     "usr/lib/modules", "usr/lib64"):
            (root / name).mkdir(parents=True)
        for path in pathlib.Path("/").iterdir():
            if path.is_symlink():  # /bin and its like
                (root / path.name).symlink_to(os.readlink(path))
        for path in sorted(files):
            _copy(path, root)
        make_image(root, IMAGE)


def make_image(directory, path):
    """A disk with the content of the directory, to be read only: no journal, no checksums."""
    size_kib = sum(one.lstat().st_size + 4096 for one in directory.rglob("*")) // 1024 * 11 // 10 + _SPARE_KIB
    made = path.with_suffix(".new")
    made.unlink(missing_ok=True)
    _output("mke2fs", "-q", "-t", "ext4", "-O", "^metadata_csum,^has_journal", "-d", directory, made, f"{size_kib}k")
    made.rename(path)


def _copy(path, root):
    """A file or link with the directories above it, links resolved, and with what Python has compiled of it."""
    real = path.parent.resolve() / path.name
    target = root / real.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if real.is_symlink():
        if not target.is_symlink():
            target.symlink_to(os.readlink(real))
    elif real.is_dir():
        if str(real) in _MADE_HERE:
            shutil.copytree(real, target, symlinks=True, dirs_exist_ok=True)
        else:
            target.mkdir(exist_ok=True)
    elif real.is_file() and os.access(real, os.R_OK):
        shutil.copy2(real, target)
        for compiled in real.parent.glob(f"__pycache__/{real.stem}.cpython-*.pyc") if real.suffix == ".py" else ():
            _copy(compiled, root)


def _with_dependencies():
    """The packages' names and those of everything they depend on that is installed."""
    listing = _output("apt-cache", "depends", "--recurse", "--installed", "--no-recommends", "--no-suggests",
                      "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances", *_PACKAGES)
    names = {line for line in listing.splitlines() if re.match(r"[a-z0-9]", line)}
    installed = _output("dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n")
    return sorted(names & {line.split()[0] for line in installed.splitlines() if line.endswith(" installed")})


def _files_of(packages):
    for line in _output("dpkg-query", "-L", *packages).splitlines():
        if line.startswith("/") and line != "/." and not _LEFT_OUT.search(line + "/"):
            yield pathlib.Path(line)


def _libraries(programs):
    listing = "".join(_output("ldd", program) for program in programs)
    return sorted({link for name in re.findall(r"=> (/\S+)", listing)
                   for link in (pathlib.Path(name), pathlib.Path(name).resolve())})


def _output(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=_PACK_S,
                          env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}).stdout
