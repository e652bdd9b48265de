# SPDX-License-Identifier: BSD-2-Clause
"""Running a function inside a network namespace without leaving the process."""

import ctypes
import os
import threading

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def inside(namespace_path, function, *arguments):
    """Calls function in a thread that has joined the namespace, and returns its result.

    A network namespace belongs to a thread, a socket keeps the one it was made in: so a socket made here may be used
    anywhere.
    """
    outcome = {}

    def body():
        try:
            descriptor = os.open(namespace_path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
                    code = ctypes.get_errno()
                    raise OSError(code, f"setns: {os.strerror(code)}", namespace_path)
            finally:
                os.close(descriptor)
            outcome["value"] = function(*arguments)
        except BaseException as error:  # handed to the caller, whatever it is
            outcome["error"] = error

    thread = threading.Thread(target=body, name="inside", daemon=True)
    thread.start()
    thread.join()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]
