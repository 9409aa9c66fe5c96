"""Offices, people, devices, settings and 情况说明: the small things of a workspace. Never holds a secret."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from cunbao.store.drafts import DraftKey, Drafts
from cunbao.store.objects import Objects
from cunbao.store.times import moment, text
from cunbao.survey.values import Cell, Explanation, Office

_OFFICE = "code, name, kind, ur_class, short_name, parent, since, until, successor"  # in the order of Office's fields


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Somebody of the office with a password of his own. role: 填报人, 统计负责人, 单位负责人 … since: UTC."""

    name: str
    role: str
    since: datetime
    active: bool = True


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A 填报设备. id: SHA-256 of its signing key; request, certificate: hashes of objects, "" not held;
    state: "own" (self-signed), "asked", "approved", "revoked"."""

    id: str
    office: str
    name: str
    state: str
    since: datetime
    request: str = ""
    certificate: str = ""


class People(Drafts, Objects):
    """The part of a workspace that knows who and where."""

    # --- settings ----------------------------------------------------------------------------------------------------

    def setting(self, name: str, default: Any = None) -> Any:
        """A value kept under `name`: anything JSON holds."""
        found = self._one("SELECT value FROM setting WHERE name = ?", (name,))
        return default if found is None else json.loads(found[0])

    def set_setting(self, name: str, value: Any) -> None:
        with self.atomic():
            self._db.execute(
                "INSERT INTO setting (name, value) VALUES (?,?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (name, json.dumps(value, ensure_ascii=False)),
            )

    def settings(self, prefix: str) -> dict[str, Any]:
        """All settings whose name begins with `prefix`, by name."""
        rows = self._all("SELECT name, value FROM setting WHERE substr(name, 1, ?) = ?", (len(prefix), prefix))
        return {name: json.loads(value) for name, value in rows}

    # --- explanations ------------------------------------------------------------------------------------------------

    def explain(self, key: DraftKey, explanation: Explanation, *, now: datetime) -> None:
        """Keep a 说明; the one before it stays in the file. An empty text takes it back."""
        cells = json.dumps([[cell.field, cell.row] for cell in explanation.cells], ensure_ascii=False)
        with self.atomic():
            draft = self._draft_id(self._line(key.office, key.period), key.form, make=True)
            self._db.execute(
                "INSERT INTO explanation (draft, key, check_id, text, cells, compared, at) VALUES (?,?,?,?,?,?,?)",
                (draft, explanation.key, explanation.check, explanation.text, cells, explanation.compared, text(now)),
            )

    def explanations(self, key: DraftKey) -> tuple[Explanation, ...]:
        """The 说明 of a draft as they stand, by key."""
        with self._reading():
            draft = self._draft_id(self._line(key.office, key.period), key.form)
            rows = self._all(
                "SELECT key, check_id, text, cells, compared FROM explanation WHERE id IN "
                "(SELECT max(id) FROM explanation WHERE draft = ? GROUP BY key) AND text <> '' ORDER BY key",
                (draft,),
            )
        return tuple(
            Explanation(name, check, key.form, said, tuple(Cell(*cell) for cell in json.loads(cells)), compared)
            for name, check, said, cells, compared in rows
        )

    # --- offices -----------------------------------------------------------------------------------------------------

    def add_office(self, office: Office) -> None:
        """Keep an office, or what is now said of it."""
        with self.atomic():
            self._db.execute(
                f"INSERT INTO office ({_OFFICE}) VALUES (?,?,?,?,?,?,?,?,?) "
                "ON CONFLICT DO UPDATE SET name = excluded.name, kind = excluded.kind, ur_class = excluded.ur_class, "
                "short_name = excluded.short_name, parent = excluded.parent, since = excluded.since, "
                "until = excluded.until, successor = excluded.successor",
                astuple(office),
            )

    def office(self, code: str) -> Office | None:
        found = self._one(f"SELECT {_OFFICE} FROM office WHERE code = ?", (code,))
        return None if found is None else Office(*found)

    def offices(self, parent: str | None = None, *, under: str = "") -> tuple[Office, ...]:
        """All offices, or those right under `parent`, or those whose codes begin with `under`, by code."""
        rows = self._all(
            f"SELECT {_OFFICE} FROM office WHERE (?1 IS NULL OR parent = ?1) AND code >= ?2 AND code < ?2 || ':' "
            "ORDER BY code",
            (parent, under),
        )
        return tuple(Office(*row) for row in rows)

    # --- people and devices ------------------------------------------------------------------------------------------

    def add_person(self, name: str, role: str, *, now: datetime, active: bool = True) -> None:
        """Keep a person, or what is now said of him."""
        with self.atomic():
            self._db.execute(
                "INSERT INTO person (name, role, since, active) VALUES (?,?,?,?) "
                "ON CONFLICT DO UPDATE SET role = excluded.role, active = excluded.active",
                (name, role, text(now), active),
            )

    def people(self) -> tuple[PersonRecord, ...]:
        """Everybody who ever was here, in the order of coming."""
        rows = self._all("SELECT name, role, since, active FROM person ORDER BY since, name")
        return tuple(PersonRecord(name, role, moment(since), bool(active)) for name, role, since, active in rows)

    def add_device(self, device: DeviceRecord) -> None:
        """Keep a device, or what is now known of it; its objects are held already."""
        held = (device.request or None, device.certificate or None)
        with self.atomic():
            self._db.execute(
                "INSERT INTO device (id, office, name, state, request, certificate, since) VALUES (?,?,?,?,?,?,?) "
                "ON CONFLICT DO UPDATE SET office = excluded.office, name = excluded.name, state = excluded.state, "
                "request = excluded.request, certificate = excluded.certificate",
                (device.id, device.office, device.name, device.state, *held, text(device.since)),
            )

    def devices(self, office: str | None = None) -> tuple[DeviceRecord, ...]:
        """All devices, or those of an office, in the order of coming."""
        rows = self._all(
            "SELECT id, office, name, state, since, request, certificate FROM device WHERE ?1 IS NULL OR office = ?1 "
            "ORDER BY since, id",
            (office,),
        )
        return tuple(
            DeviceRecord(name, at, said, state, moment(since), request or "", certificate or "")
            for name, at, said, state, since, request, certificate in rows
        )
