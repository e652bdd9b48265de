# SPDX-License-Identifier: BSD-2-Clause
"""What the tests on other kernels count on: the kernel's modules, and the devices they make."""

import pytest

from lab.processes import command

DEVICES = {"veth": ("type", "veth", "peer", "name", "probe1"), "bridge": ("type", "bridge"), "dummy": ("type", "dummy"),
           "macvlan": ("link", "wire1", "type", "macvlan"), "8021q": ("link", "wire1", "type", "vlan", "id", "5"),
           "802.1ad": ("link", "wire1", "type", "vlan", "protocol", "802.1ad", "id", "5"),
           "bond": ("type", "bond"), "vrf": ("type", "vrf", "table", "10")}


@pytest.mark.parametrize("kind", DEVICES)
def test_device(kind):
    command("ip", "link", "add", "probe0", *DEVICES[kind])
    command("ip", "link", "delete", "probe0")


def test_clsact():
    command("tc", "qdisc", "add", "dev", "wire1", "clsact")
    command("tc", "qdisc", "delete", "dev", "wire1", "clsact")
