# SPDX-License-Identifier: BSD-2-Clause
"""Whoever is on the control socket, and whatever they send: others get their answers, and the adverts go on."""

import contextlib
import json
import os
import random
import shutil
import socket
import tempfile

import pytest

from checks import wait_until
from lab.capture import now
from lab.packets import Advert
from lab.routers import XvrrpRouter
from lab.run import STATE
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

GROUP = "daemon"  # of every Debian
INTERVAL = 0.1
LONGEST = 256 << 10


@pytest.fixture
def router(run, xvrrpd):
    segment = Segment(run, {"one": 1})
    router = XvrrpRouter(run, segment.hosts["one"],
                         keepalived_conf([VirtualRouter(1, ("192.0.2.100/32",), interval=INTERVAL)]))
    router.argv = lambda made=router.argv: [*made(), "--control-group", GROUP]
    router.start()
    router.wait_state(10, "MASTER")
    with segment.capture() as router.capture:
        yield router


def connect(router):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(20)
    client.connect(str(STATE / f"{router.namespace.name}.sock"))
    return client


def answer(client):
    text = b""
    while not text.endswith(b"\n"):
        part = client.recv(65536)
        if not part:
            return None
        text += part
    return json.loads(text)


def ask(router, request):
    with connect(router) as client:
        client.sendall(request)
        return answer(client)


STATUS = b'{"command": "status"}\n'


@pytest.mark.parametrize("request_", [
    b"\n", b"null\n", b"[]\n", b'"status"\n', b"{}\n", b'{"command": 7}\n', b'{"command": "status"\n', b"\xff\x00\xfe\n",
    pytest.param(b"[" * (LONGEST - 2) + b"\n", id="open"), b'{"command": "drain"}\n', b'{"command": "drain", "router": {}}\n',
    pytest.param(b'{"command": "drain", "router": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", id="deep"),
    b'{"command": "priority", "router": "eth0_v4_1", "priority": 1e99}\n',
    b'{"command": "priority", "router": "eth0_v4_1", "priority": "7"}\n',
    b'{"command": "priority", "router": "eth0_v4_1", "priority": -1}\n', b'{"command": "explain", "router": [1]}\n'])
def test_nonsense_gets_an_error(router, request_):
    said = ask(router, request_)
    assert said["schema"] == 1 and said["error"]
    assert ask(router, STATUS)["instances"][0]["effective_priority"] == 100


def test_random_bytes_end_nothing(router):
    """And good requests of which some bytes are others; from clients that do not wait for their answer."""
    pid, chance = router.pid(), random.Random(20261127)
    good = [STATUS, b'{"command": "priority", "router": "eth0_v4_1", "priority": 7}\n', b'{"command": "trace", "action": "read", "recording": 1}\n']
    for number in range(600):
        request_ = bytearray(chance.choice(good)) if number % 2 else bytearray(chance.randbytes(chance.randrange(1, 5000)) + b"\n")
        for _ in range(3):
            request_[chance.randrange(len(request_) - 1)] = chance.randrange(256)
        with connect(router) as client:
            client.sendall(request_)
            if number % 3 == 0:
                assert answer(client)["schema"] == 1
    assert ask(router, STATUS)["instances"]
    assert router.pid() == pid and router.is_running()


def test_what_is_too_long_is_refused(router):
    with connect(router) as client:
        client.sendall(b"x" * (4 * LONGEST))
        assert "longer than 256 KiB" in answer(client)["error"]
    assert ask(router, STATUS)["instances"]


@pytest.mark.seconds(90)
def test_many_clients(router):
    """200 at once are answered; more idle ones than there are places keep nobody out for long, nor one that does not read."""
    since = now()
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(router)) for _client in range(200)]
        for client in clients:
            client.sendall(STATUS)
        assert all(answer(client)["instances"][0]["state"] == "MASTER" for client in clients)

    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(connect(router)) for _client in range(250)]
        said = [client for client in (stack.enter_context(connect(router)) for _client in range(50))
                if "too many clients" in str(told(client))]
        assert said
        assert idle[0].recv(1) == b""  # let go of
        wait_until(lambda: "instances" in ask(router, STATUS), 20, "an answer")
    adverts = router.capture.select(Advert, since, port="one")
    assert len(adverts) >= 0.9 * (adverts[-1].time - adverts[0].time) / 1e9 / INTERVAL, "fewer adverts than are due"


def told(client):
    """What a client is told that was turned away; one that was not has not asked anything."""
    client.settimeout(0.2)
    try:
        return answer(client)
    except TimeoutError:
        return None


def test_the_group_may_use_it_and_nobody_else(router):
    path = STATE / f"{router.namespace.name}.sock"
    assert (path.group(), path.owner(), path.stat().st_mode & 0o777) == (GROUP, "root", 0o660)
    with tempfile.TemporaryDirectory() as directory:  # where everybody may go
        os.chmod(directory, 0o755)
        tool = [shutil.copy(router.binaries / "vrrpctl", directory), "--instance", router.namespace.name, "status"]
        member, stranger = (("setpriv", "--reuid", "nobody", "--regid", group, "--clear-groups") for group in (GROUP, "nogroup"))
        assert "MASTER" in router.namespace.run(*member, *tool).stdout
        refused = router.namespace.run(*stranger, *tool, check=False)
    assert refused.returncode == 4, refused.stderr


def test_a_group_that_there_is_not(run, xvrrpd, router):
    router.stop()
    done = router.namespace.run(*router.argv()[:-1], "nonsense", check=False)
    assert done.returncode == 2
    assert 'there is no group "nonsense" on this machine' in done.stderr
