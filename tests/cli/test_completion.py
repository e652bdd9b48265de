# SPDX-License-Identifier: BSD-2-Clause
"""completion: a real bash completes every command and option that --help has."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from conftest import BIN, run_vrrpctl

_DRIVER = """source <(vrrpctl completion bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_vrrpctl
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(*words):
    """What bash offers for the last word."""
    done = subprocess.run(["bash", "-c", _DRIVER, "bash", "vrrpctl", *words], capture_output=True, text=True, timeout=10,
                          env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"})
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


def commands():
    return re.findall(r"^  ([\w-]+) ", run_vrrpctl("--help").stdout.split("Subcommands:")[1], re.M)


def options_of(*command):
    """With those of the commands below."""
    shown, _heading, below = run_vrrpctl(*command, "--help").stdout.partition("Subcommands:")
    found = set(re.findall(r"^  (?:-\w,)?(--[a-z0-9-]+)", shown, re.M))
    return found.union(*(options_of(*command, name) for name in re.findall(r"^  ([\w-]+) ", below, re.M)))


def test_commands():
    assert set(commands()) == completed("")
    assert "--instance" in completed("--")
    assert completed("und") == {"undrain"}


def test_options():
    for command in commands():
        listed = options_of(command)
        assert completed(command, "--") == listed, command


def test_commands_of_a_command():
    assert {"record", "replay"} <= completed("trace", "re") and "--quiet" in completed("trace", "replay", "--")


def test_a_value_is_no_command():
    assert "--explain" in completed("--instance", "load", "check", "--")
    assert completed("--instance", "") == set()
    assert completed("capture", "-w", "") == set()  # bash then offers files


def test_names():
    assert "lo" in completed("watch", "")
    assert completed("completion", "z") == {"zsh"}


def test_names_of_running_routers(host, tmp_path):
    host.start_xvrrpd(tmp_path)
    assert run_vrrpctl("--instance", host.instance, "status", "--names").stdout == "VI_1\n"
    assert completed("--instance", host.instance, "drain", "") == {"VI_1"}


# What an interface or a virtual router can be called; each begins with a letter of its own.
HOSTILE = ["a$(>pwned)", "b`>pwned`", "c'\"\\", "d*?[a-z]", "e;>pwned", "f$HOME", "g~|&>pwned", "h{x,y}", "i -rf \u00fc",
           "-jr", "k$((1+1))", "l<pwned", "m!!", "n#x", "o=(>pwned)"]


@pytest.fixture
def fake(tmp_path):
    """Stands for vrrpctl: its routers have hostile names, and it says with what it was run."""
    (tmp_path / "names").write_text("".join(f"{name}\n" for name in HOSTILE))
    program = tmp_path / "bin" / "vrrpctl"
    program.parent.mkdir()
    program.write_text(f"""#!/bin/sh
        for word; do [ "$word" = --names ] && exec cat {tmp_path}/names; done
        printf '%s\\0' "$@" >> {tmp_path}/said
        """)
    program.chmod(0o755)
    return tmp_path


_TYPED = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
_START = {
    "bash": "bind 'set bell-style none'; set +H; source ./script; echo begin''s\n",
    "zsh": "autoload -Uz compinit; compinit -u -D; setopt interactivecomments; source ./script; echo begin''s\n",
    "fish": "source ./script; echo begin''s\n",
}


class Terminal:
    """A shell that somebody types into."""

    def __init__(self, shell, directory):
        self._shown = b""
        child, self._fd = pty.fork()
        if child == 0:
            os.chdir(directory)
            os.execvpe(_TYPED[shell][0], _TYPED[shell], {
                "PATH": f"{directory}/bin:{os.environ['PATH']}", "HOME": str(directory), "TERM": "xterm",
                "LANG": "C.UTF-8", "XDG_CONFIG_HOME": str(directory), "XDG_DATA_HOME": str(directory)})
        self._child = child
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))

    def type(self, text):
        os.write(self._fd, text.encode())

    def wait(self, condition, what):
        """Reads what it shows meanwhile."""
        deadline = time.monotonic() + 30
        while not condition(self._shown):
            assert time.monotonic() < deadline, f"waited for {what}: {self._shown!r}"
            if select.select([self._fd], [], [], 0.05)[0]:
                read = os.read(self._fd, 65536)
                if b"\033[c" in read or b"\033[0c" in read:
                    os.write(self._fd, b"\033[?62c")  # fish asks what terminal this is
                self._shown += read

    def end(self):
        os.kill(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)
        os.close(self._fd)


@pytest.fixture
def terminal(fake, request):
    (fake / "script").write_text(run_vrrpctl("completion", request.param).stdout)
    terminal = Terminal(request.param, fake)
    yield terminal
    terminal.end()


@pytest.mark.parametrize("terminal, shell", [(shell, shell) for shell in _TYPED], indirect=["terminal"], ids=list(_TYPED))
def test_a_hostile_name_is_inserted_as_it_is(terminal, shell, fake):
    """Tab behind its first letter, Enter: the command gets the name, byte for byte, and nothing else was run."""
    terminal.type(_START[shell])
    terminal.wait(lambda shown: b"begins" in shown, "the shell")
    for number, name in enumerate(HOSTILE, start=1):
        terminal.type(f"vrrpctl drain {name[0] if name[0] != '-' else '-j'}\t\n")
        terminal.wait(lambda _: (fake / "said").exists() and (fake / "said").read_bytes().count(b"drain\0") == number, name)
    said = (fake / "said").read_text().split("drain\0")[1:]
    assert [words.removesuffix("\0") for words in said] == HOSTILE
    assert not (fake / "pwned").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_hostile_interface_runs_nothing(shell, fake, host):
    """Interfaces of a network namespace, as the shell's own completion is asked for them."""
    names = ["$(>pwned)", "`>pwned`", "a;>pwned", "d*?[a-z]", "q\"'\\"]
    for number, name in enumerate(names):
        host.namespace.ip("link", "add", name, "type", "veth", "peer", "name", f"ok{number}")
    script = run_vrrpctl("completion", shell).stdout
    ask = {
        "bash": 'COMP_WORDS=(vrrpctl watch ""); COMP_CWORD=2; _vrrpctl; printf "%s\n" "${COMPREPLY[@]}"',
        "zsh": 'COMP_WORDS=(vrrpctl watch ""); COMP_CWORD=2; t() { emulate -L sh; setopt kshglob noshglob braceexpand; '
               '_vrrpctl; printf "%s\n" "${COMPREPLY[@]}"; }; t',
        "fish": "complete -C 'vrrpctl watch '",
    }[shell]
    prelude = "autoload -Uz compinit; compinit -u -D\n" if shell == "zsh" else ""
    (fake / "asks").write_text(f"{prelude}{script}\n{ask}\n")
    done = subprocess.run(["nsenter", f"--net=/run/netns/{host.namespace.name}", "unshare", "--mount", "sh", "-c",
                           f"mount -t sysfs none /sys && exec {shell} asks"], capture_output=True, text=True, timeout=30,
                          cwd=fake, env={**os.environ, "HOME": str(fake)})
    assert done.returncode == 0, done
    assert not (fake / "pwned").exists()
    offered = done.stdout.splitlines()
    if shell != "fish":  # offers are quoted: read them as that shell does
        offered = subprocess.run([shell, "-c", 'eval "set -- $1"; printf "%s\n" "$@"', shell, " ".join(offered)],
                                 capture_output=True, text=True, timeout=10, cwd=fake).stdout.splitlines()
        assert not (fake / "pwned").exists(), "offered without quotes"
    assert {*names, "lo", "eth0"} <= set(offered)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_reads_it(shell):
    script = run_vrrpctl("completion", shell).stdout
    done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, timeout=10)
    assert (done.returncode, done.stderr) == (0, "")
    for command in commands():
        assert command in script
