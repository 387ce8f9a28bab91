"""A lock file that dies with its holder, and the question whether a disk is here or elsewhere."""

import fcntl
import os
from pathlib import Path

NETWORK_DISKS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "beegfs", "gpfs", "ncpfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.davfs", "davfs"}
)

_held: set[int] = set()


def _close_in_child() -> None:
    """Let go in a forked child, else the lock would outlive its holder."""
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_close_in_child)


class FileLock:
    """An exclusive lock of the operating system on `path`; the file stays, the lock does not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    @property
    def held(self) -> bool:
        """Tell whether this object holds the lock."""
        return self._descriptor >= 0

    def take(self) -> bool:
        """Try to take the lock; False where another process (or another FileLock) has it."""
        return self._take(fcntl.LOCK_EX | fcntl.LOCK_NB)

    def wait(self) -> None:
        """Take the lock, as soon as whoever has it lets go."""
        self._take(fcntl.LOCK_EX)

    def write(self, text: str) -> None:
        """Leave a note for people in the file: who holds it."""
        if self.held:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, text.encode(), 0)

    def read(self) -> str:
        """Give the note that the holder left."""
        return self.path.read_text() if self.path.exists() else ""

    def _take(self, how: int) -> bool:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, how)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        _held.add(descriptor)
        return True

    def release(self) -> None:
        """Give the lock up if it is held."""
        if self.held:
            _held.discard(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1


def network_disk(path: Path, mounts: str | None = None) -> str | None:
    """Give the kind of network file system that `path` lies on, or None where none can be told.

    `mounts` has the form of /proc/self/mountinfo.

    >>> network_disk(Path("/srv/data/journal.db"), "2 1 0:2 / /srv rw - nfs4 x rw")
    'nfs4'
    """
    if mounts is None:
        table = Path("/proc/self/mountinfo")
        if not table.exists():
            return None
        mounts = table.read_text()
    where, longest, kind = path.absolute(), -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        point = Path(before.split()[4].replace("\\040", " "))
        if where.is_relative_to(point) and len(point.parts) >= longest:
            longest, kind = len(point.parts), after.split()[0]
    return kind if kind in NETWORK_DISKS else None
