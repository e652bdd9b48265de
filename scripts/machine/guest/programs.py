# SPDX-License-Identifier: BSD-2-Clause
"""In the guest: loads the data plane as an operator does, and prints as JSON what the verifier thought of each program.

Where it does not load: what the verifier said, and vrrpctl's exit code.
"""

import ctypes
import json
import os
import pathlib
import re
import struct
import subprocess
import sys

_SYS_BPF = 321  # x86-64
_PROG_GET_NEXT_ID, _PROG_GET_FD_BY_ID, _OBJ_GET_INFO_BY_FD = 11, 13, 15
# struct bpf_prog_info: type, jited_prog_len, xlated_prog_len, name, verified_insns
_INFO_SIZE, _TYPE, _LENGTHS, _NAME, _VERIFIED = 228, 0, 16, 64, 216
_INTERFACE = "lo"
# In the verifier's log: instructions, their source, and the states of registers.
_WALK = re.compile(r"\d+: |; |\d+: R\d|from \d+ to |frame\d+: |R\d|mark_precise: ")
_libc = ctypes.CDLL(None, use_errno=True)


def main():
    vrrpctl = os.environ["XVRRP_BIN_DIR"] + "/vrrpctl"
    before = set(_ids())
    loaded = subprocess.run([vrrpctl, "load", _INTERFACE], timeout=60, stdout=subprocess.DEVNULL)
    if loaded.returncode != 0:
        _explain(pathlib.Path(vrrpctl).parents[1] / "bpf")
        return loaded.returncode
    programs = [_describe(number) for number in _ids() if number not in before]
    print(json.dumps(programs, indent=1))
    return subprocess.run([vrrpctl, "unload", _INTERFACE], timeout=60, stdout=subprocess.DEVNULL).returncode


def _explain(directory):
    """What the verifier says to each object, without its walk."""
    for path in sorted(directory.glob("*.bpf.o")):
        pins = f"/sys/fs/bpf/explain-{path.name.partition('.')[0]}"
        done = subprocess.run(["bpftool", "--debug", "prog", "loadall", path, pins], capture_output=True, text=True,
                              timeout=100)
        said = [line for line in done.stderr.splitlines() if not _WALK.match(line)]
        print(f"\nbpftool prog loadall {path.name}: exit {done.returncode}", *said[-25:], sep="\n", file=sys.stderr)


def _ids():
    number = 0
    while True:
        attributes = ctypes.create_string_buffer(struct.pack("III", number, 0, 0), 128)
        if _bpf(_PROG_GET_NEXT_ID, attributes) < 0:
            return
        number = struct.unpack_from("I", attributes, 4)[0]
        yield number


def _describe(number):
    fd = _bpf(_PROG_GET_FD_BY_ID, ctypes.create_string_buffer(struct.pack("I", number), 128))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "BPF_PROG_GET_FD_BY_ID")
    info = ctypes.create_string_buffer(_INFO_SIZE)
    attributes = struct.pack("IIQ", fd, _INFO_SIZE, ctypes.addressof(info))
    answer = _bpf(_OBJ_GET_INFO_BY_FD, ctypes.create_string_buffer(attributes, 128))
    os.close(fd)
    if answer < 0:
        raise OSError(ctypes.get_errno(), "BPF_OBJ_GET_INFO_BY_FD")
    jited, xlated = struct.unpack_from("II", info, _LENGTHS)
    return {"name": info[_NAME:_NAME + 16].split(b"\0")[0].decode(), "type": struct.unpack_from("I", info, _TYPE)[0],
            "verified": struct.unpack_from("I", info, _VERIFIED)[0], "xlated_bytes": xlated, "jited_bytes": jited}


def _bpf(operation, attributes):
    return _libc.syscall(_SYS_BPF, operation, attributes, len(attributes))


if __name__ == "__main__":
    sys.exit(main())
