# SPDX-License-Identifier: BSD-2-Clause
"""scripts/package: what is in it, that it is the same twice, and that it comes and goes without a trace."""

import hashlib
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNITS = ("xvrrpd.service", "xvrrpd@.service")
WANTED = {"etc/xvrrp/", "usr/sbin/xvrrpd", "usr/sbin/vrrpctl", "usr/share/man/man8/xvrrpd.8", "usr/share/man/man8/vrrpctl.8",
          "usr/share/man/man5/xvrrp.conf.5",
          "usr/share/doc/xvrrp/xvrrp.conf.example", "usr/share/doc/xvrrp/copyright",
          *(f"usr/lib/systemd/system/{unit}" for unit in UNITS)}
EXPOSURE = 40  # of 100: what `systemd-analyze security` may say at most


def run(*argv, check=True, **options):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=800, **options)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def make():
    path = pathlib.Path(run(ROOT / "scripts/package").stdout.strip())
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def package():
    return make()


@pytest.fixture(scope="module")
def tree(package, tmp_path_factory):
    """Its files, unpacked."""
    directory = tmp_path_factory.mktemp("tree")
    run("dpkg-deb", "--extract", str(package[0]), str(directory))
    return directory


def test_the_same_commit_gives_the_same_bytes(package):
    assert make() == package


def test_what_is_in_it(package, tree):
    files = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
    assert files == {path for path in WANTED if not path.endswith("/")}
    assert (tree / "etc/xvrrp").is_dir()
    fields = run("dpkg-deb", "--field", str(package[0])).stdout
    for field in ("Package: xvrrp", "Architecture: ", "Maintainer: ", "Description: VRRP router"):
        assert field in fields
    assert {"libbpf1", "libnftables1", "libnl-3-200"} <= set(re.findall(r"[\w.+-]+", fields.partition("Depends: ")[2].partition("\n")[0]))
    version = re.search(r"Version: (.*)", fields)[1]
    assert re.fullmatch(r"\d+\.\d+\.\d+(\+git\d+\.[0-9a-f]{9})?", version)


@pytest.mark.parametrize("program", ["xvrrpd", "vrrpctl"])
def test_a_manual_page_says_what_its_source_says(tree, program):
    page = (tree / f"usr/share/man/man8/{program}.8").read_text()
    source = (ROOT / f"docs/man/{program}.8.md").read_text()
    for option in set(re.findall(r"--[a-z][a-z-]+", source)):
        assert option in page.replace("\\-", "-"), option
    assert len(re.findall(r"^NAME$", page, re.M)) == 1 and f".TH \"{program}\" \"8\"" in page


def test_the_configurations_manual_page_has_every_keyword(tree):
    page = (tree / "usr/share/man/man5/xvrrp.conf.5").read_text()
    page = re.sub(r"\\f(\(..|\[.*?\]|.)", " ", page).replace("\\-", "-")
    rows = [line.split(maxsplit=3) for line in (ROOT / "tests/config/keywords.txt").read_text().splitlines()]
    keywords = {row[2] for row in rows if row and row[0] != "#"}
    assert len(keywords) > 200
    assert [word for word in sorted(keywords) if not re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", page)] == []
    example = (ROOT / "packaging/xvrrp.conf.example").read_text().partition("vrrp_instance")[2].partition("    # What")[0]
    assert example in (ROOT / "docs/man/xvrrp.conf.5.md").read_text().replace("\n    ", "\n")


@pytest.mark.parametrize("unit", UNITS)
def test_units_are_hardened(tree, unit):
    path = tree / "usr/lib/systemd/system" / unit
    run("systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE}", str(path))
    assert "@CMAKE" not in path.read_text()


def test_it_is_installed_and_removed_without_a_trace(package, tree, tmp_path):
    """On this machine as it is, in a mount namespace of its own whose changes go with it."""
    names = " ".join(f"/{path}" for path in WANTED)
    script = f"""
        set -e
        mount -t tmpfs changes {tmp_path}
        mkdir {tmp_path}/upper {tmp_path}/work {tmp_path}/root
        mount -t overlay overlay -o lowerdir=/,upperdir={tmp_path}/upper,workdir={tmp_path}/work {tmp_path}/root
        cp {package[0]} {tmp_path}/root/xvrrp.deb
        cd {tmp_path}/root
        for place in dev proc sys; do mount --rbind /$place $place; done
        chroot . sh -ec '
            dpkg --install /xvrrp.deb
            for name in {names}; do test -e $name; done
            /usr/sbin/xvrrpd --version
            /usr/sbin/xvrrpd -t -f /usr/share/doc/xvrrp/xvrrp.conf.example
            systemd-analyze verify --man=no xvrrpd.service xvrrpd@one.service 2>&1
            test ! -e /etc/xvrrp/xvrrp.conf
            touch /etc/xvrrp/xvrrp.conf
            dpkg --remove xvrrp
            test -e /etc/xvrrp/xvrrp.conf && rm /etc/xvrrp/xvrrp.conf
            dpkg --purge xvrrp
            for name in {names}; do test ! -e $name; done
            ! dpkg --status xvrrp 2>/dev/null
        '
    """
    said = run("unshare", "--mount", "--propagation", "private", "sh", "-ec", script)
    assert "xvrrpd 0." in said.stdout and ": good," in said.stdout
    assert "xvrrpd.service" not in said.stdout and "xvrrpd@" not in said.stdout, said.stdout  # systemd-analyze's complaints
