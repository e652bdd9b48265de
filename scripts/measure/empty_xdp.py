# SPDX-License-Identifier: BSD-2-Clause
"""An XDP program that passes everything: what there is to compare with. By libbpf, as no compiler need be there."""

import ctypes
import os
import socket
import struct

_XDP_PROGRAM, _XDP_LINK = 6, 37
# r0 = XDP_PASS; exit
_PASS = struct.pack("<BBhiBBhi", 0xB7, 0, 0, 2, 0x95, 0, 0, 0)


class EmptyXdp:
    """Attached to an interface of a namespace as long as the with-statement lasts."""

    def __init__(self, namespace, interface):
        self._namespace, self._interface = namespace, interface

    def __enter__(self):
        self._link = self._namespace.inside(self._attach)
        return self

    def __exit__(self, *exception):
        os.close(self._link)

    def _attach(self):
        libbpf = ctypes.CDLL("libbpf.so.1", use_errno=True)
        program = libbpf.bpf_prog_load(_XDP_PROGRAM, b"empty", b"GPL", _PASS, ctypes.c_size_t(len(_PASS) // 8), None)
        if program < 0:
            raise OSError(-program, f"loading an empty XDP program: {os.strerror(-program)}")
        link = libbpf.bpf_link_create(program, socket.if_nametoindex(self._interface), _XDP_LINK, None)
        os.close(program)
        if link < 0:
            raise OSError(-link, f"attaching an empty XDP program: {os.strerror(-link)}")
        return link
