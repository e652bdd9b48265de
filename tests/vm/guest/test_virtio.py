# SPDX-License-Identifier: BSD-2-Clause
"""A driver that is not veth: virtio-net, with XDP in the driver and before it."""

import pytest

from conftest import ADVERT


@pytest.mark.parametrize("mode", ["native", "skb"])
def test_an_advert_is_heard(cable, mode):
    assert f"XDP mode {mode};" in cable.load("--mode", mode)
    cable.send(ADVERT)
    cable.wait_for({"observed": 1})


def test_a_card_that_was_loaded_twice_works_on(cable):
    """Loading takes the driver's queues down and up again."""
    for _time in range(2):
        cable.load("--mode", "native")
        assert cable.vrrpctl("unload", "wire0").returncode == 0
    cable.load("--mode", "native")
    cable.send(ADVERT)
    cable.wait_for({"observed": 1})
