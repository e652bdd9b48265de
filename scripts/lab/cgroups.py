# SPDX-License-Identifier: BSD-2-Clause
"""Memory that a process may have, by cgroups of version 1 or 2."""

import contextlib
import pathlib
import time

_V1 = pathlib.Path("/sys/fs/cgroup/memory")
_V2 = pathlib.Path("/sys/fs/cgroup")


class Group:
    def __init__(self, path):
        self._path = path
        self.members = path / "cgroup.procs"
        self._home = None  # of the process that was taken

    def take(self, pid):
        """One process, until the end; what it has already is not counted."""
        self._home = _home(pid)
        self.members.write_text(str(pid))

    def give_back(self):
        """With the children that it has got."""
        for member in self.members.read_text().split() if self._home else ():
            with contextlib.suppress(ProcessLookupError):
                (self._home / "cgroup.procs").write_text(member)

    def remove(self):
        """Members that were killed leave it a little later."""
        deadline = time.monotonic() + 10
        while True:
            try:
                return self._path.rmdir()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)


@contextlib.contextmanager
def limited(name, size):
    """A group whose members may take `size` bytes more."""
    root, file = (_V1, "memory.limit_in_bytes") if _V1.is_dir() else (_V2, "memory.max")
    if root == _V2:
        (root / "cgroup.subtree_control").write_text("+memory")
    path = root / name
    path.mkdir()
    group = Group(path)
    try:
        (path / file).write_text(str(size))
        yield group
    finally:
        group.give_back()
        group.remove()


def _home(pid):
    for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _number, controllers, path = line.split(":", 2)
        if _V1.is_dir() and "memory" in controllers.split(","):
            return _V1 / path.lstrip("/")
        if not _V1.is_dir() and not controllers:
            return _V2 / path.lstrip("/")
    raise RuntimeError(f"process {pid} is in no memory cgroup")
