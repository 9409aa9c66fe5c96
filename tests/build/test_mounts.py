"""The tests' own disks on any machine that may run them: a desktop, a chroot, a container of root."""

import subprocess

import pytest

from world import mounts


@pytest.fixture(autouse=True)
def asked_anew():
    mounts.own_mounts.cache_clear()
    yield
    mounts.own_mounts.cache_clear()


def test_a_small_disk_is_seen_by_its_command_alone(tmp_path):
    (tmp_path / "disk").mkdir()
    story = 'mount -t tmpfs -o size=64k tmpfs "$0" && touch "$0/inside" && stat -f -c %b "$0" && umount "$0"'
    done = subprocess.run(
        [*mounts.own_mounts(), "sh", "-c", story, str(tmp_path / "disk")], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == 16  # blocks of 4 KB
    assert list((tmp_path / "disk").iterdir()) == []


def test_the_next_way_is_tried_where_one_is_refused(monkeypatch):
    monkeypatch.setattr(mounts, "WAYS", (("false",), ("env",)))
    assert mounts.own_mounts() == ("env",)


def test_a_machine_that_refuses_all_says_what_was_tried(monkeypatch):
    monkeypatch.setattr(mounts, "WAYS", (("sh", "-c", "echo not permitted >&2; exit 1"),))
    with pytest.raises(RuntimeError, match="not permitted"):
        mounts.own_mounts()
