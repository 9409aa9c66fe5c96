"""Objects: bytes under their SHA-256, never updated (a trigger refuses it), never deleted while something names them.

What the store itself must remember of signed things (which signature belongs to which header, what a package carried)
is kept as objects of kind "record" too, so that every index can be made again from objects alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from cunbao.store.base import Base
from cunbao.store.trouble import damaged, missing_object

RECORD = "record"


class Objects(Base):
    """The content-addressed part of a workspace."""

    def add_object(self, kind: str, data: bytes) -> str:
        """Keep `data`; returns its SHA-256 in hex. A known object is no news. kind: "header", "answers", "cms" …"""
        name, _ = self._add_object(kind, data)
        return name

    def add_objects(self, objects: Iterable[tuple[str, bytes]]) -> tuple[str, ...]:
        """Keep many (kind, data) in one transaction; returns the hashes of those that were news."""
        with self.atomic():
            return tuple(name for name, news in (self._add_object(kind, data) for kind, data in objects) if news)

    def _add_object(self, kind: str, data: bytes) -> tuple[str, bool]:
        name = sha256(data).hexdigest()
        with self.atomic():
            cursor = self._db.execute(
                "INSERT INTO object (sha256, kind, size, data) VALUES (?,?,?,?) ON CONFLICT DO NOTHING",
                (name, kind, len(data), data),
            )
            return name, cursor.rowcount > 0

    def has_object(self, sha: str) -> bool:
        return self._one("SELECT 1 FROM object WHERE sha256 = ?", (sha,)) is not None

    def held(self, names: Iterable[str], kinds: Iterable[str] = ()) -> frozenset[str]:
        """Those of these hashes whose objects are held, also in the file of a year that was moved out, of which the
        signed ones are known; of some kinds, or of any."""
        rows = self._all(
            "SELECT sha256 FROM object WHERE sha256 IN (SELECT value FROM json_each(?1)) "
            "AND (?2 = '[]' OR kind IN (SELECT value FROM json_each(?2))) "
            "UNION SELECT id FROM stub WHERE id IN (SELECT value FROM json_each(?1))",
            (json.dumps(sorted(names)), json.dumps(sorted(kinds))),
        )
        return frozenset(name for (name,) in rows)

    def object(self, sha: str) -> bytes:
        """The bytes of an object. StoreError "object.missing"; "workspace.damaged" when they are no longer its own."""
        found = self._one("SELECT data FROM object WHERE sha256 = ?", (sha,))
        if found is None:
            raise missing_object(sha)
        data = bytes(found[0])
        if sha256(data).hexdigest() != sha:
            raise damaged(f"object {sha}")
        return data

    def object_size(self, sha: str) -> int:
        """Bytes of an object, without reading them. StoreError "object.missing"."""
        found = self._one("SELECT size FROM object WHERE sha256 = ?", (sha,))
        if found is None:
            raise missing_object(sha)
        return int(found[0])

    def object_begins(self, sha: str, start: bytes) -> bool:
        """Does an object begin with these bytes? Not when it is not held."""
        found = self._one("SELECT substr(data, 1, ?) FROM object WHERE sha256 = ?", (len(start), sha))
        return found is not None and bytes(found[0]) == start

    def objects(self, kind: str) -> tuple[str, ...]:
        """Hashes of all objects of a kind, in the order of arrival."""
        return tuple(name for (name,) in self._all("SELECT sha256 FROM object WHERE kind = ? ORDER BY id", (kind,)))

    def _record(self, what: str, **content: Any) -> None:
        """Keep a fact as an object, from which `rebuild` makes the indexes again."""
        self._add_object(RECORD, canonical({"what": what, **content}))

    def _records(self) -> list[dict[str, Any]]:
        """All records in the order of arrival."""
        return [json.loads(self.object(name)) for name in self.objects(RECORD)]


def canonical(content: Any) -> bytes:
    """One JSON text for one content: sorted names, no spaces, UTF-8. Texts and integers only, no floats."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
