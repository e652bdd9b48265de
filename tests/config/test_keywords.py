# SPDX-License-Identifier: BSD-2-Clause
"""keywords.txt is every keyword that keepalived has, the reader does with each what its list says, and docs/keepalived.md
has the lists, with the reasons that the reader gives. `test_keywords.py --write` writes them there."""

import collections
import functools
import itertools
import os
import pathlib
import re
import sys

import pytest

from reading import ROOT, check

REFERENCE = pathlib.Path(os.environ.get("XVRRP_REFERENCE", ROOT.parent / "shared/reference")) / "keepalived.md"
DOCUMENT = ROOT / "docs/keepalived.md"
BEGIN, END = "<!-- keywords: written by tests/config/test_keywords.py -->\n", "<!-- end of keywords -->"
NOT_YET = "does not support yet"  # of a keyword that is "soon": it may say this, and will work
OF_KEEPALIVEDS_OWN_BLOCKS = {"virtual_server", "virtual_server_group", "SSL"}  # not in the reference's list

Row = collections.namedtuple("Row", "level list keyword statement")

# Where a statement of a level stands; what must come before it; how the level itself is opened.
INSTANCE = {"interface": "interface eth0", "virtual_router_id": "virtual_router_id 1",
            "virtual_ipaddress": "virtual_ipaddress {\n10.0.0.1\n}"}
OPENERS = {"track_group": "track_group T", "vrrp_sync_group": "vrrp_sync_group G", "garp_group": "garp_group",
           "vrrp_script": "vrrp_script S", "vrrp_track_process": "vrrp_track_process P", "track_file": "track_file F",
           "vrrp_track_file": "vrrp_track_file F", "bfd_instance": "bfd_instance B", "global_defs": "global_defs"}
MANDATORY = {"vrrp_script": ["script /bin/true"], "vrrp_track_process": ["process sshd"], "track_file": ["file /tmp/f"],
             "vrrp_track_file": ["file /tmp/f"], "vrrp_sync_group": ["group {\nA\nB\n}"], "track_group": ["group {\nA\n}"],
             "garp_group": ["garp_interval 1", "interface eth7"]}
DEFINED = ("vrrp_script S {\nscript /bin/true\n}\ntrack_file F {\nfile /tmp/f\n}\n"
           "vrrp_track_process P {\nprocess sshd\n}\n")
BESIDE = {"preempt_delay": "state BACKUP", "unicast_fault_no_peer": "unicast_peer {\n10.0.0.9\n}",
          "unicast_src_ip": "unicast_peer {\n10.0.0.9\n}", "vmac_xmit_base": "use_vmac", "track_src_ip": "mcast_src_ip 10.0.0.8",
          "notify_fifo_script": "notify_fifo /run/fifo", "vrrp_notify_fifo_script": "vrrp_notify_fifo /run/fifo",
          "native_ipv6": "virtual_ipaddress {\nfe80::1\n}", "owner_ignore_adverts": "priority 255"}


@functools.cache
def rows():
    found = []
    for line in (pathlib.Path(__file__).parent / "keywords.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            level, which, statement = line.split(maxsplit=2)
            found.append(Row(level, which, statement.split()[0], statement.replace("\\n", "\n")))
    return found


def instance(name, statement=""):
    keyword = statement.split()[0] if statement else ""
    beside = BESIDE.get(keyword, "")
    base = [line for word, line in INSTANCE.items() if word not in (keyword, *beside.split()[:1])]
    return f"vrrp_instance {name} {{\n" + "\n".join([*base, beside, statement]) + "\n}\n"


def file_with(row):
    """A file that has the statement, and else nothing to complain about."""
    tracks = DEFINED if row.keyword in ("track_script", "track_file", "track_process") else ""
    if row.level == "vrrp_instance":
        return tracks + instance("A", row.statement)
    if row.level in ("authentication", "auth_hmac"):
        other = {"auth_type": "auth_pass x", "auth_pass": "auth_type PASS"}.get(row.keyword, "")
        return instance("A", f"{row.level} {{\n{other}\n{row.statement}\n}}")
    both = instance("A") + instance("B").replace("_id 1", "_id 2").replace("10.0.0.1", "10.0.0.2")
    if row.level == "root":
        return (instance("A") if row.keyword == "vrrp_instance" else both) + row.statement + "\n"
    needed = MANDATORY.get(row.level, [BESIDE[row.keyword]] if row.keyword in BESIDE else [])
    mandatory = "\n".join(statement for statement in needed if statement.split()[0] != row.keyword)
    return f"{tracks}{both}{OPENERS[row.level]} {{\n{mandatory}\n{row.statement}\n}}\n"


@functools.cache
def said_about(row):
    return [(found["severity"], found["message"]) for found in check(file_with(row))["diagnostics"]]


def reason(row):
    """The clause behind the colon of what is said; that of a group of words."""
    if row.list in ("works", "soon"):
        return ""
    if not said_about(row):
        return "it is always so"
    _, message = said_about(row)[0]
    if "load balancer" in message:
        return "xvrrp has no load balancer"
    if NOT_YET in message:
        return "not supported yet"
    only = re.search(r"can only be (.*) in xvrrp: (.*)", message)
    return f"{only[2]} (`{only[1]}` is taken)" if only else message.split(": ", 1)[1]


def list_of_block(level):
    return next((row.list for row in rows() if (row.level, row.keyword) == ("root", level)), "works")


def id_of(row):
    return f"{row.level}.{row.keyword}"


@pytest.mark.parametrize("row", rows(), ids=id_of)
def test_the_reader_does_what_the_list_says(row):
    said = said_about(row)
    if row.list != "refused" and "soon" in (row.list, list_of_block(row.level)) and any(
            NOT_YET in message for _, message in said):
        return
    if row.list == "refused":
        assert [severity for severity, _ in said if severity == "error"], "no error"
        assert any(mark in message for _, message in said for mark in ("not for xvrrp", "can only be", NOT_YET)), said
        return
    assert not [message for severity, message in said if severity == "error"], file_with(row)
    if row.list == "accepted":
        assert all("no effect" in message or "load balancer" in message for _, message in said), said
    else:
        assert not said, file_with(row)


def test_no_keyword_is_there_twice():
    assert len({(row.level, row.keyword) for row in rows()}) == len(rows())
    assert {row.list for row in rows()} <= {"works", "soon", "accepted", "refused"}


def reference():
    """(level, keyword) of appendix A. The blocks of its levels are keywords of the file itself."""
    appendix = REFERENCE.read_text().split("# APPENDIX A.")[1]
    found = set()
    for line in appendix.split("```")[1].strip().splitlines():
        root, level, words = re.fullmatch(r"(?:\((root), [^)]*\)|(\w+)(?: \(\d+\))?): (.*)", line).groups()
        name = root or level
        if level and level != "global_defs":  # which is in the list of root
            found.add(("root", level))
        if words != "(line entries)":
            for word in words.split():
                outer, _, inner = word.rpartition(".")
                found.add((outer or name, inner))
    return found


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference is not here")
def test_every_keyword_of_the_reference_is_there():
    ours = {(row.level, row.keyword) for row in rows()} - {("root", word) for word in OF_KEEPALIVEDS_OWN_BLOCKS}
    assert ours == reference()


def tables():
    titles = {"works": "### Works", "accepted": "### Accepted without effect", "refused": "### Refused"}
    text = ""
    for which, title in titles.items():
        chosen = [row for row in rows() if row.list == which or (which, row.list) == ("works", "soon")]
        head = "| where | keywords |\n|---|---|\n" if which == "works" else "| where | keywords | because |\n|---|---|---|\n"
        text += f"{title}\n\n{head}"
        place = {"root": "the file itself"}
        groups = collections.defaultdict(list)
        for row in chosen:
            groups[row.level, reason(row)].append(f"`{row.keyword}`")
        for (level, why), words in groups.items():
            text += f"| {place.get(level, level)} | {', '.join(words)} |{f' {why} |' if which != 'works' else ''}\n"
        text += "\n"
    return BEGIN + "\n" + text + END


def test_the_document_has_the_lists():
    document = DOCUMENT.read_text()
    assert document[document.index(BEGIN):document.index(END) + len(END)] == tables(), "run test_keywords.py --write"


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    whole = DOCUMENT.read_text()
    DOCUMENT.write_text(whole[:whole.index(BEGIN)] + tables() + whole[whole.index(END) + len(END):])
