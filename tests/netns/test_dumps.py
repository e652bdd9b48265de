# SPDX-License-Identifier: BSD-2-Clause
"""The files that programs made for keepalived read: xvrrpd and keepalived run the same configuration in like networks, and
what both write on the same signal is compared."""

import errno
import json
import os
import re
import signal
import subprocess

import pytest

from checks import wait_until
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.run import STATE
from lab.segment import Segment

pytestmark = pytest.mark.seconds(120)

BACKUP, MASTER = 1, 2  # in JSON
SIGNALS = {"data": signal.SIGUSR1, "stats": signal.SIGUSR2, "json": signal.SIGRTMIN + 2}
PASSWORD = "hushhush"

# keepalived ignores weights and refuses some words together, so there are several instances.
CONFIGURATION = """
global_defs {{
    router_id lab
    script_user root
}}
vrrp_script check {{
    script "/usr/bin/true 'a b'"
    interval 1
    weight 5
}}
track_file number {{
    file {file}
}}
vrrp_track_process nobody {{
    process no-such-program
    weight 3
}}
vrrp_sync_group G {{
    group {{
        PLAIN
        SIX
    }}
}}
vrrp_instance PLAIN {{
    interface eth0
    virtual_router_id 1
    priority {priority}
    version 2
    advert_int 1
    virtual_ipaddress {{
        192.0.2.100/24 brd 192.0.2.255
    }}
}}
vrrp_instance SIX {{
    interface eth0
    virtual_router_id 2
    priority {priority}
    version 3
    advert_int 0.5
    preempt_delay 3
    virtual_ipaddress {{
        fe80::100/64
        2001:db8::100/64
    }}
}}
vrrp_instance SECRET {{
    interface eth0
    virtual_router_id 3
    priority {priority}
    version 2
    nopreempt
    lower_prio_no_advert
    higher_prio_send_advert
    promote_secondaries
    garp_master_delay 2
    garp_master_repeat 3
    garp_master_refresh 60
    garp_master_refresh_repeat 2
    garp_lower_prio_delay 1
    garp_lower_prio_repeat 4
    authentication {{
        auth_type PASS
        auth_pass {password}
    }}
    virtual_ipaddress {{
        192.0.2.110
        192.0.2.111/32 scope link
    }}
    virtual_ipaddress_excluded {{
        192.0.2.112/24 noprefixroute
        2001:db8::112/128
        2001:db8::113/64 preferred_lft 3000
    }}
}}
vrrp_instance TRACKS {{
    interface eth0
    virtual_router_id 4
    priority {priority}
    version 3
    advert_int 0.2
    unicast_src_ip {source}
    unicast_peer {{
        {peer}
    }}
    track_interface {{
        lo weight 2
    }}
    track_script {{
        check
    }}
    track_file {{
        number weight 1
    }}
    track_process {{
        nobody
    }}
    notify_master "/usr/bin/true 'm n'" root
    notify_backup /usr/bin/true
    notify_fault /usr/bin/true
    notify_stop /usr/bin/true
    notify_deleted /usr/bin/true
    notify /usr/bin/true
    notify_master_rx_lower_pri "/usr/bin/true lower"
    virtual_ipaddress {{
        192.0.2.120
    }}
    virtual_routes {{
        10.2.0.0/16 via 192.0.2.9 dev eth0
        default via 192.0.2.9 dev eth0 metric 5
        10.5.0.0/16 nexthop via 192.0.2.9 dev eth0 weight 2 nexthop via 192.0.2.8 dev eth0 onlink
        blackhole 10.4.0.0/16
    }}
    virtual_rules {{
        from 10.2.0.0/16 table 100 priority 100
        to 10.3.0.0/16 fwmark 5 iif eth0 blackhole priority 101
    }}
}}
"""
NAMES = ["PLAIN", "SIX", "SECRET", "TRACKS"]


class Keepalived(KeepalivedRouter):
    def __init__(self, run, namespace, configuration):
        self.dumps = run.directory / f"{namespace.name}-dumps"
        self.dumps.mkdir()
        super().__init__(run, namespace, configuration)

    def argv(self):
        return ["env", f"TMPDIR={self.dumps}", *super().argv()]

    def path(self, kind):
        return self.dumps / f"keepalived.{kind}"


class Xvrrp(XvrrpRouter):
    def path(self, kind):
        return STATE / f"{self.namespace.name}.keepalived.{kind}"


MAKES = {"xvrrp": Xvrrp, "keepalived": Keepalived}


def dump(router, kind, ending=""):
    """What the daemon writes now. keepalived writes in place: until the end of it is there, it is half of the file."""
    path = router.path(kind)
    path.unlink(missing_ok=True)
    os.kill(router._process.pid, SIGNALS[kind])
    return wait_until(lambda: path.exists() and (text := path.read_text()).endswith("\n") and ending in text and text,
                      5, str(path))


def dumped_json(router):
    return {entry["data"]["iname"]: entry for entry in json.loads(dump(router, "json"))}


def dumped_data(router):
    """The lines of each instance."""
    text = dump(router, "data", "------< Interfaces >------")
    topology = text.split("------< VRRP Topology >------\n")[1].split("------<")[0]
    return {block.splitlines()[0]: block.splitlines()[1:] for block in topology.split(" VRRP Instance = ")[1:]}


def pair(run, make, prefix=""):
    """A Master and its Backup, on a network of their own."""
    network = prefix + make[0]
    first, second = f"{network}1", f"{network}2"
    segment = Segment(run, {first: 1, second: 2}, name=network)
    file = run.directory / "number"
    file.write_text("3\n")
    routers = []
    for name, other, priority in ((first, second, 150), (second, first, 100)):
        router = MAKES[make](run, segment.hosts[name], CONFIGURATION.format(
            file=file, password=PASSWORD, priority=priority, source=segment.address(name),
            peer=segment.address(other)))
        router.start()  # from then on it heeds signals
        routers.append(router)
    for router, state in zip(routers, (MASTER, BACKUP)):
        wait_until(lambda: {entry["data"]["state"] for entry in dumped_json(router).values()} == {state}, 30, state)
    return routers


@pytest.fixture(scope="module")
def dumps(module_run, xvrrpd):
    """{make: [of the Master, of the Backup]}, each (json, data, stats)."""
    return {make: [(dumped_json(router), dumped_data(router), dump(router, "stats", "Instance: TRACKS"))
                   for router in pair(module_run, make)] for make in MAKES}


def both(dumps):
    """(ours, keepalived's) of the Master, then of the Backup."""
    return zip(dumps["xvrrp"], dumps["keepalived"])


# They count and tell the time of two networks, and only one of them keeps a secret.
THEIR_OWN = {"last_transition", "auth_data"}


def comparable(data):
    kept = {key: (value, type(value)) for key, value in data.items() if key not in THEIR_OWN}
    return kept | {"vroutes": [without_note(line) for line in data.get("vroutes", [])]}


def test_json(dumps):
    for (ours, _, _), (theirs, _, _) in both(dumps):
        assert list(ours) == list(theirs) == NAMES
        for name in NAMES:
            our_data, their_data = ours[name]["data"], theirs[name]["data"]
            assert list(our_data) == list(their_data), name
            assert comparable(our_data) == comparable(their_data), name
            assert our_data["last_transition"] == pytest.approx(their_data["last_transition"], abs=60)
            assert list(ours[name]["stats"]) == list(theirs[name]["stats"])


def test_counters(dumps):
    """Masters have sent, Backups have heard; everything else is the same number."""
    for (ours, _, _), (theirs, _, _) in both(dumps):
        for name in NAMES:
            our_stats, their_stats = ours[name]["stats"], theirs[name]["stats"]
            for key in ("advert_sent", "advert_rcvd"):
                assert (our_stats.pop(key) > 0) == (their_stats.pop(key) > 0), (name, key)
            assert our_stats == their_stats, name


# Of the lines of an instance: what differs from moment to moment or machine to machine, and what xvrrp has none of, or is
# otherwise in it.
MOVES = ("Last transition", "Number of", "Read timeout", "fd_in", "Password", "Check unicast src", "Unicast checksum",
         "Master down timer")


def steady(lines):
    return [without_note(re.sub(r"ifindex \d+", "ifindex", line).replace("min_ttl 0", "min_ttl 255")) for line in lines
            if not line.strip().startswith(MOVES)]


def without_note(line):
    """keepalived does not track a route without one device, which it notes as if the configuration said so."""
    return line.removesuffix(" no_track") if "10.4.0.0" in line or "nexthop" in line else line


def test_data(dumps):
    for (_, ours, _), (_, theirs, _) in both(dumps):
        assert list(ours) == list(theirs) == NAMES
        for name in NAMES:
            assert steady(ours[name]) == steady(theirs[name]), name


def line_of(lines, key):
    [found] = [line for line in lines if line.startswith(f"   {key} = ")]
    return found


def test_lines_that_differ_have_one_form(dumps):
    number = re.compile(r"\d+")
    for (_, ours, _), (_, theirs, _) in both(dumps):
        for name in NAMES:
            for key in ("Last transition", "Master down timer"):
                forms = [number.sub("N", re.sub(r"\((\w+) (\w+)", "(", line_of(lines[name], key))) for lines in (ours, theirs)]
                assert forms[0] == forms[1]


def test_stats(dumps):
    for (_, _, ours), (_, _, theirs) in both(dumps):
        assert re.sub(r"\d+\n", "N\n", ours) == re.sub(r"\d+\n", "N\n", theirs)


def test_no_password_and_anybody_may_read(dumps, module_run):
    for path in STATE.glob(f"{module_run.prefix}-*.keepalived.*"):
        assert PASSWORD not in path.read_text()
        assert path.stat().st_mode & 0o777 == 0o644
        assert path.stat().st_uid == 0


def test_a_takeover(module_run, xvrrpd):
    """Who was Master is remembered, and terms are counted."""
    said = {}
    for make in MAKES:
        master, backup = pair(module_run, make, prefix="t")
        master.stop()
        wait_until(lambda: all(entry["data"]["state"] == MASTER for entry in dumped_json(backup).values()), 30, "a takeover")
        said[make] = [(entry["data"]["master_priority"], entry["stats"]["become_master"], entry["stats"]["release_master"])
                      for entry in dumped_json(backup).values()]
        master.start()
        wait_until(lambda: dumped_json(backup)["TRACKS"]["data"]["state"] == BACKUP, 30, "another one")
        stats = dumped_json(backup)["TRACKS"]["stats"]
        said[make].append((stats["become_master"], stats["release_master"], stats["pri_zero_rcvd"]))
    assert said["xvrrp"] == said["keepalived"]


def lone(run, name, words):
    segment = Segment(run, {name: 1}, name=name)
    router = Xvrrp(run, segment.hosts[name], f"""global_defs {{
        {words}
    }}
    vrrp_track_process sleeping {{
        process no-such-program
    }}
    vrrp_instance LONE {{
        interface eth0
        virtual_router_id 1
        track_process {{
            sleeping weight 1
        }}
        virtual_ipaddress {{
            192.0.2.100
        }}
    }}
    """)
    router.start()
    return router


def signalled(router, kind, path):
    os.kill(router.pid(), SIGNALS[kind])
    return wait_until(lambda: path.is_file() and not path.is_symlink() and path.read_text(), 5, str(path))


def test_files_of_ones_own(module_run, xvrrpd):
    """An absolute path, or a directory; a reload changes them."""
    directory = module_run.directory / "dumps"
    directory.mkdir()
    router = lone(module_run, "own", f"state_dump_file {directory}/state\nstats_dump_file {directory}/\njson_dump_file {directory}/\n"
                       "json_version 2")
    assert " VRRP Instance = LONE\n" in signalled(router, "data", directory / "state")
    name = router.namespace.name
    assert "VRRP Instance: LONE\n" in signalled(router, "stats", directory / f"{name}.keepalived.stats")
    document = json.loads(signalled(router, "json", directory / f"{name}.keepalived.json"))
    assert list(document) == ["vrrp", "track_process"]
    assert document["vrrp"][0]["data"]["iname"] == "LONE"
    assert document["track_process"][0]["current_processes"] == 0
    assert sorted(path.name for path in directory.iterdir()) == [
        "state", f"{name}.keepalived.json", f"{name}.keepalived.stats"], "nothing half written"
    router.configure(router.file.read_text().replace("json_version 2", "").replace(f"{directory}/state", f"{directory}/data"))
    router.reload()
    wait_until(lambda: "reloaded" in router.log_tail(), 10, "the reload")
    assert " VRRP Instance = LONE\n" in signalled(router, "data", directory / "data")
    (directory / f"{name}.keepalived.json").unlink()
    assert isinstance(json.loads(signalled(router, "json", directory / f"{name}.keepalived.json")), list)


def test_a_link_in_a_directory_of_all_is_not_followed(module_run, xvrrpd):
    directory = module_run.directory / "tmp"
    directory.mkdir()
    directory.chmod(0o1777)
    precious = module_run.directory / "precious"
    precious.write_text("precious")
    (directory / "state").symlink_to(precious)
    router = lone(module_run, "tmp", f"state_dump_file {directory}/state")
    assert "LONE" in signalled(router, "data", directory / "state")
    assert precious.read_text() == "precious"


def test_what_stands_in_the_place_of_a_file(module_run, xvrrpd):
    """A FIFO that nobody reads gives way to the file; a directory stays; on a full disk what was there stays whole."""
    directory = module_run.directory / "full"
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", directory], check=True)
    try:
        (directory / "stats").mkdir()
        os.mkfifo(directory / "json")
        router = lone(module_run, "full", f"state_dump_file {directory}/state\nstats_dump_file {directory}/stats/.\n"
                           f"json_dump_file {directory}/json")
        assert json.loads(signalled(router, "json", directory / "json"))
        os.kill(router.pid(), SIGNALS["stats"])
        wait_until(lambda: "error writing the state" in router.log_tail(), 5, "the complaint")
        written = signalled(router, "data", directory / "state")
        try:
            (directory / "fill").write_bytes(bytes(1 << 20))
        except OSError as error:
            assert error.errno == errno.ENOSPC
        os.kill(router.pid(), SIGNALS["data"])
        wait_until(lambda: "No space left on device" in router.log_tail(), 5, "the complaint")
        assert (directory / "state").read_text() == written
        assert sorted(path.name for path in directory.iterdir()) == ["fill", "json", "state", "stats"], "nothing half written"
        for name in ("fill", "state"):
            (directory / name).unlink()
        assert " VRRP Instance = LONE\n" in signalled(router, "data", directory / "state")
        router.stop()
    finally:
        subprocess.run(["umount", directory], check=True)


def test_a_directory_that_is_not_there_is_named(module_run, xvrrpd):
    router = lone(module_run, "lost", "stats_dump_file /nowhere/stats")
    os.kill(router.pid(), SIGNALS["stats"])
    wait_until(lambda: "/nowhere/stats: No such file or directory" in router.log_tail(), 5, "the complaint")
    assert router.is_running()


def test_numbers_of_signals(xvrrpd):
    for name in ("STOP", "RELOAD", "DATA", "STATS", "JSON"):
        said = [subprocess.run([program, f"--signum={name}"], check=True, capture_output=True, text=True).stdout
                for program in (str(xvrrpd), "keepalived")]
        assert said[0] == said[1], name
    assert subprocess.run([xvrrpd, "--signum=TDUMP"], check=False, capture_output=True).returncode == 2
