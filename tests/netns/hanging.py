# SPDX-License-Identifier: BSD-2-Clause
"""A file system that hangs, as that of a server which is gone: whoever looks for something on it waits."""

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)
_MNT_DETACH = 2


class HangingMount:
    """Of the kernel's FUSE, without anybody who answers. Once it is ended, who waits gets an error."""

    def __init__(self, run, name="hanging"):
        self.path = run.directory / name
        self.path.mkdir()
        self._device = os.open("/dev/fuse", os.O_RDWR)
        run.on_exit(self.end)
        options = f"fd={self._device},rootmode=40000,user_id=0,group_id=0"
        if _libc.mount(b"hanging", bytes(self.path), b"fuse", 0, options.encode()) != 0:
            raise OSError(ctypes.get_errno(), "mounting a FUSE file system")

    def end(self):
        if self._device is not None:
            os.close(self._device)
            self._device = None
            _libc.umount2(bytes(self.path), _MNT_DETACH)
