# SPDX-License-Identifier: BSD-2-Clause
"""FRR's vrrpd (Debian's frr package) as a router of the laboratory."""

import json
import pathlib
import shutil
import time

from .routers import REALTIME, Router, RouterFailed
from .virtual_routers import frr_conf

_DAEMONS = pathlib.Path("/usr/lib/frr")
_USER = "frr"  # to whom the daemons change; they insist on the package's own
_STATES = {"Initialize": "INIT", "Backup": "BACKUP", "Master": "MASTER"}


class FrrRouter(Router):
    """vrrpd, and a zebra that stays up between its starts.

    It has a directory of its own for configuration, sockets and pid files, and reads and writes nothing in /etc/frr.
    FRR makes no devices: a virtual router is a macvlan with the virtual MAC that the operator made, and that vrrpd
    holds down (protodown) while it is Backup.
    """

    def __init__(self, run, segment, name, virtual_routers):
        self._segment = segment
        self._zebra = None
        self._directory = run.directory / f"{name}.frr"
        self._directory.mkdir()
        shutil.chown(self._directory, _USER, _USER)
        run.directory.chmod(0o711)  # so that its user can reach it
        self.virtual_routers = virtual_routers
        super().__init__(run, segment.hosts[name], frr_conf(virtual_routers))
        self.file.chmod(0o644)
        for router in virtual_routers:
            self._make_device(router)

    def _make_device(self, router):
        device = f"vrrp{router.family}-{router.vrid}"
        ip = self.namespace.ip
        ip("link", "add", device, "link", router.interface, "type", "macvlan", "mode", "bridge")
        # No address out of the virtual MAC (RFC 9568 7.4).
        ip("link", "set", device, "addrgenmode", "none")
        ip("link", "set", device, "address", f"00:00:5e:00:0{1 if router.family == 4 else 2}:{router.vrid:02x}")
        for address in router.addresses:
            ip("addr", "add", address, "dev", device, *(["nodad"] if router.family == 6 else []))
        if router.family == 6:
            # vrrpd's source is the first link-local address of the device, which the kernel says is the newest.
            ip("addr", "add", f"{self.source(router)}/64", "dev", device, "nodad")
        ip("link", "set", device, "up")

    def source(self, router):
        """The source address of a virtual router's adverts."""
        own = self._segment.address(self.name, router.family)
        return own if router.family == 4 else f"{own}:{router.vrid:x}"

    def _argv_of(self, daemon, configuration):
        directory = self._directory
        return [*REALTIME, str(_DAEMONS / daemon), "-f", str(configuration), "-i", str(directory / f"{daemon}.pid"),
                "-z", str(directory / "zserv.api"), "--vty_socket", str(directory), "-A", "127.0.0.1", "-P", "0",
                "--log", "stdout"]

    def argv(self):
        return self._argv_of("vrrpd", self.file)

    def launch(self):
        self._start_zebra()
        super().launch()

    def _start_zebra(self, timeout=10):
        """vrrpd has no virtual router before zebra told it of the devices, so zebra must listen first."""
        if self._zebra is not None and self._zebra.poll() is None:
            return
        empty = self._directory / "zebra.conf"
        empty.touch()
        self._zebra = self._run.spawn(self.namespace.enter(*self._argv_of("zebra", empty)), self.log)
        deadline = time.monotonic() + timeout
        while not (self._directory / "zserv.api").is_socket() or not (self._directory / "zebra.vty").is_socket():
            if self._zebra.poll() is not None or time.monotonic() > deadline:
                raise RouterFailed(f"{self.name}: zebra does not listen\n{self.log_tail()}")
            time.sleep(0.02)

    def states(self):
        """State by (VRID, family); empty while it does not answer."""
        answer = self.namespace.run("vtysh", "--vty_socket", str(self._directory), "-d", "vrrpd",
                                    "-c", "show vrrp json", check=False)
        try:
            shown = json.loads(answer.stdout)
        except ValueError:
            return {}
        return {(router["vrid"], family): _STATES.get(router[f"v{family}"]["status"])
                for router in shown for family in (4, 6) if router[f"v{family}"].get("addresses")}

    def state(self):
        """INIT until the last of its virtual routers has left that, then the first one's."""
        states = list(self.states().values())
        if len(states) < len(self.virtual_routers):
            return None
        return "INIT" if "INIT" in states else states[0]

    def start(self, timeout=20):
        self.launch()
        self.wait_state(timeout, "BACKUP", "MASTER")
