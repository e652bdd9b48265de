# SPDX-License-Identifier: BSD-2-Clause
"""Names are other people's: no byte of theirs that a terminal or a reader obeys leaves xvrrp anywhere."""

import json
import os
import pathlib
import pty
import re
import socket
import subprocess
import threading

import pytest

from checks import wait_until
from fifo import Fifo
from lab.routers import XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

EVIL = b"\x1b]0;pwned\x07\x1b[2J\xc2\x9b31m\x7f\xe2\x80\xae\xff\xfe"
NEWLINE = b"\nINSTANCE \"other\" FAULT 100"
NAME = "Zürich 東京"
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def check(output, what):
    """It is UTF-8, and shows everything."""
    text = output.decode() if isinstance(output, bytes) else output
    assert not _OBEYED.search(text), f"{what}: {text!r}"
    assert "\nINSTANCE" not in text, f"{what}: a name began a line of its own"
    return text


def conf(name=b"A", script=b"S", file=b"/dev/null", interface=b"eth0", group=b"G", line=b""):
    return b"""vrrp_script "%s" {
  script "/bin/true"
}
track_file "F%s" {
  file "%s"
}
vrrp_sync_group "%s" {
  group {
    "%s"
  }
}
vrrp_instance "%s" {
  interface "%s"
  virtual_router_id 7
  %s
  virtual_ipaddress {
    192.0.2.100/24
  }
}
""" % (script, script, file, group, name, name, interface, line)


@pytest.fixture
def segment(run):
    return Segment(run, {"one": 1})


def run_in(host, *argv):
    done = subprocess.run(host.enter(*argv), capture_output=True, timeout=30,
                          stdin=subprocess.DEVNULL)
    check(done.stdout, f"stdout of {argv}")
    check(done.stderr, f"stderr of {argv}")
    return done


WORDS = {"name": b"A" + EVIL, "script": b"S" + EVIL, "file": b"/tmp/" + EVIL, "interface": b"e" + EVIL,
         "group": b"G" + EVIL, "line": b"debug" + EVIL}


@pytest.mark.parametrize("where", WORDS)
def test_the_configuration_has_no_such_names(run, segment, where, xvrrpd, vrrpctl):
    """Refused at its line, in words that show."""
    file = run.directory / "hostile.conf"
    file.write_bytes(conf(**{where: WORDS[where]}))
    host = segment.hosts["one"]
    for argv, code in [([xvrrpd, "-t", "-f", file], 3), ([xvrrpd, "-n", "-f", file, "--instance", host.name], 2),
                       ([vrrpctl, "check", file], 3), ([vrrpctl, "check", "--explain", file], 3),
                       ([vrrpctl, "check", "--json", file], 3), ([vrrpctl, "doctor", "-f", file, "--no-probe"], 1)]:
        done = run_in(host, *argv)
        assert done.returncode == code, done
        assert b"is not UTF-8" in done.stdout + done.stderr


def test_what_is_skipped_and_a_password_may_have_any_bytes(run, segment, xvrrpd):
    """They are shown nowhere; a password is bytes on the wire."""
    file = run.directory / "latin1.conf"
    file.write_bytes(b"# Z\xfcrich\nvirtual_server 10.0.0.1 80 {\n  quorum_up \"/bin/echo Z\xfcrich\"\n}\n"
                     + conf(line=b"version 2\n  authentication {\n    auth_type PASS\n    auth_pass Z\xfcrich\n  }"))
    done = run_in(segment.hosts["one"], xvrrpd, "-t", "-f", file)
    assert done.returncode == 0, done


class Measured(XvrrpRouter):
    @property
    def metrics(self):
        return self._run.directory / "metrics"

    def argv(self):
        return [*super().argv(), "--metrics", f"unix:{self.metrics}"]


def test_what_the_daemon_writes(run, segment, xvrrpd, vrrpctl):
    """A name in UTF-8 everywhere as it is; what a script's escapes make, and who is not found, escaped."""
    fifo = Fifo(run)
    program = os.fsencode(run.directory) + b"/program\x1b[2J\xff"
    with open(os.open(program, os.O_CREAT | os.O_WRONLY, 0o755), "w") as file:
        file.write("#!/bin/sh\nexit 9\n")
    first = (f"global_defs {{\n notify_fifo {fifo.path}\n script_user root\n state_dump_file {run.directory}/data\n"
             f" json_dump_file {run.directory}/json\n stats_dump_file {run.directory}/stats\n}}\n"
             'vrrp_script chk {\n script "/bin/sh -c true \\x1b[2J\\xff"\n}\n')
    text = keepalived_conf([VirtualRouter(1, ("192.0.2.100/32",), interval=0.1, extra=(
        f'notify_master "{run.directory}/program\\x1b[2J\\xff"', "track_script {\n chk\n}"))], first)
    router = Measured(run, segment.hosts["one"], text.replace("vrrp_instance eth0_v4_1", f'vrrp_instance "{NAME}"'))
    router.start()
    router.wait_state(10, "MASTER")
    wait_until(lambda: fifo.lines()[-1:] == [f'INSTANCE "{NAME}" MASTER 100'], 10, "the pipe's line")
    wait_until(lambda: "program\\x1b[2J\\xff ended with exit code 9" in router.log_tail(100), 10, "the script's end")
    for signal_, name in [("USR1", "data"), ("USR2", "stats"), ("36", "json")]:
        subprocess.run(["kill", f"-{signal_}", str(router.pid())], check=True)
        wait_until((run.directory / name).exists, 10, name)
        check((run.directory / name).read_bytes(), name)
    assert NAME in json.loads((run.directory / "json").read_text())[0]["data"]["iname"]
    assert "\\x1b[2J\\xff" in (run.directory / "data").read_text()
    check(router.log.read_bytes(), "the log")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(router.metrics))
        client.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        page = b"".join(iter(lambda: client.recv(65536), b""))
    assert NAME in check(page.replace(b"\r\n", b"\n"), "metrics")
    host, ctl = segment.hosts["one"], [vrrpctl, "--instance", segment.hosts["one"].name]
    for command in ["explain", "drain", "undrain"]:
        done = run_in(host, *ctl, command, EVIL)
        assert done.returncode == 1 and b"\\x1b" in done.stderr


def test_a_recording_of_somebody_else(run, segment, xvrrpd, vrrpctl):
    router = XvrrpRouter(run, segment.hosts["one"], keepalived_conf([VirtualRouter(1, ("192.0.2.100/32",), interval=0.1)]))
    router.start()
    router.wait_state(10, "MASTER")
    recording, host = run.directory / "recording", segment.hosts["one"]
    run_in(host, vrrpctl, "--instance", host.name, "trace", "record", recording, "--seconds", "0.5")
    text, name = recording.read_text(), "eth0_v4_1"
    evil = json.dumps(EVIL.decode(errors="replace") + NEWLINE.decode())[1:-1]
    for number, hostile in enumerate([text.replace(name, evil), text.replace(name, evil, 1), evil, f'{{"schema": "{evil}"}}',
                                      text.replace('"schema"', f'"{evil}"'), text.replace("master", evil),
                                      text.replace("192.0.2.1", evil)]):
        recording.write_text(hostile)
        for options in [(), ("--quiet",)]:
            done = run_in(host, vrrpctl, "trace", "replay", *options, recording)
            assert number > 0 or (done.returncode == 0 and b"\\x1b" in done.stdout) or options, done
    recording.write_bytes(text.encode().replace(name.encode(), EVIL))
    run_in(host, vrrpctl, "trace", "replay", recording)


def tainted(value):
    """Every string, but what a client must understand."""
    if isinstance(value, dict):
        return {key: tainted(one) if key not in ("state", "family") else one for key, one in value.items()}
    if isinstance(value, list):
        return [tainted(one) for one in value]
    return value + EVIL.decode(errors="replace") + NEWLINE.decode() if isinstance(value, str) else value


class Impostor:
    """Answers on an instance's control socket what a daemon said, with hostile strings."""

    def __init__(self, path, answers):
        self._answers = answers
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen(8)
        self._path = path
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client:
                question = client.makefile().readline()
                answer = self._answers.get(json.loads(question)["command"], {"schema": 1, "error": "no"})
                client.sendall(json.dumps(tainted(answer)).encode() + b"\n")

    def end(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._path.unlink()
        self._thread.join()


def test_what_a_daemon_says(run, segment, xvrrpd, vrrpctl):
    """All commands that ask one, whatever it answers; on a terminal too, which gets our own styles only."""
    router = XvrrpRouter(run, segment.hosts["one"], keepalived_conf([VirtualRouter(1, ("192.0.2.100/32",), interval=0.1)]))
    router.start()
    router.wait_state(10, "MASTER")
    status, explanation = router.status(), json.loads(router.vrrpctl("explain", "1", "--json").stdout)
    router.stop()
    host = segment.hosts["one"]
    # The router's name in every string of the answers: a fault of a view would show.
    impostor = Impostor(pathlib.Path(f"/run/xvrrp/{host.name}.sock"), {
        "status": status, "explain": explanation, "reload": {"schema": 1, "reload": {"text": "changed"}},
        "drain": {"schema": 1, "drain": "done", "name": "x"}, "priority": {"schema": 1, "name": "x"}})
    try:
        ctl = [vrrpctl, "--instance", host.name]
        for words in [("status",), ("status", "--json"), ("status", "--names"), ("top", "--count", "2", "--interval", "0.1"),
                      ("top", "--count", "1", "--json"), ("explain", "1"), ("explain", "1", "--json"), ("reload",),
                      ("reload", "--json"), ("drain", "x"), ("undrain", "x"), ("priority", "x", "5"), ("stats",),
                      ("doctor", "--no-probe"), ("doctor", "--no-probe", "--json"), ("trace", "record", "-"),
                      ("handover",)]:
            run_in(host, *ctl, *words)
        for words in [("status",), ("explain", "1"), ("top", "--count", "2", "--interval", "0.1")]:
            shown = on_terminal(host.enter(*ctl, *words))
            for own in (b"\x1b[1m", b"\x1b[32m", b"\x1b[1;31m", b"\x1b[0m", b"\x1b[H\x1b[J"):
                shown = shown.replace(own, b"")
            check(shown.replace(b"\r\n", b"\n"), words)
    finally:
        impostor.end()


def on_terminal(argv):
    """What a command writes to a terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(argv, stdin=follower, stdout=follower, stderr=follower,
                               env={**os.environ, "TERM": "xterm"}, start_new_session=True)
    os.close(follower)
    shown = b""
    try:
        while data := os.read(leader, 65536):
            shown += data
    except OSError:
        pass  # the end
    assert process.wait(30) is not None
    os.close(leader)
    return shown


def test_interfaces_are_called_anything(run, segment, xvrrpd, vrrpctl):
    """The kernel allows all but blanks, / and : in a name."""
    host = segment.hosts["one"]
    name = b"\x1b[2J\x7f\xff\xc2\x9b"
    subprocess.run(["ip", "-n", host.name, "link", "add", "plain", "type", "veth", "peer", "name", "peer"], check=True)
    subprocess.run([b"ip", b"-n", host.name.encode(), b"link", b"set", b"plain", b"name", name], check=True)
    ctl = [vrrpctl, "--instance", host.name]
    assert run_in(host, *ctl, "load", name).returncode == 0
    try:
        for words in [("watch", name, "--count", "1"), ("watch", name, "--count", "1", "--json"), ("stats",),
                      ("stats", "--json"), ("stats", "--rfc6527"), ("capture", name, "--lines", "--seconds", "0.2"),
                      ("load", name), ("load", b"no" + name), ("unload", b"no" + name), ("watch", b"no" + name)]:
            run_in(host, *ctl, *words)
        shown = on_terminal(host.enter(*ctl, "watch", name, "--count", "1"))
        for own in (b"\x1b[1m", b"\x1b[0m", b"\x1b[H\x1b[J"):
            shown = shown.replace(own, b"")
        check(shown.replace(b"\r\n", b"\n"), "watch on a terminal")
    finally:
        assert run_in(host, *ctl, "unload", name).returncode == 0
