"""Submissions as they lie on disks: instance folders of ODK Collect, as pulled from a device, or such folders in a zip;
the CSV files that ODK Central exports.

Reads only, and measures first: how many files, how large, how deep. What cannot be used is told file by file; the
others are still there. Pictures are never opened here.
"""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cunbao.desks.media import read_whole
from cunbao.errors import CunbaoError, DeskError
from cunbao.survey.submission import MOST_BYTES, Submission, read_submission
from cunbao.survey.submission_csv import is_export, read_csv

MB = 1024 * 1024
MOST_FILES = 20_000  # looked at by name
MOST_SUBMISSIONS = 2_000
MOST_DEPTH = 12  # odk/…/projects/<id>/instances/<form>_<moment>
MOST_ZIP = 512 * MB  # pictures included
RATIO = 200
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[_T](\d{2})[-:](\d{2})[-:](\d{2})")
_FORM = re.compile(rb"<(\w+:)?html[\s>]")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside a submission. size: bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class FoundSubmission:
    """name: of its folder, or of the file where it lies alone; when: "2025-12-18 09:30:05" as the tablet wrote it into
    the folder's name, "" unknown."""

    name: str
    when: str
    sent: Submission
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file that gives nothing, and why."""

    name: str
    trouble: CunbaoError


@dataclass(frozen=True, slots=True)
class Found:
    """submissions: the oldest first."""

    submissions: tuple[FoundSubmission, ...]
    unusable: tuple[Unusable, ...]


@dataclass(frozen=True, slots=True)
class _File:
    folder: str
    name: str
    size: int
    path: Path | None  # None: in the zip


_Read = Callable[[_File], tuple[int, bytes]]  # (size, content); no content where it is larger than a submission may be


def find(place: Path) -> Found:
    """Everything below a folder, in a zip, or one file. DeskError "tablet.missing", "tablet.none", "tablet.many",
    "tablet.zip"."""
    try:
        if place.is_dir():
            return _sorted_out(_in_folder(place), lambda one: read_whole(one.path or place, MOST_BYTES))
        with place.open("rb") as file:
            zipped = file.read(4) == b"PK\3\4"
        if not zipped:
            one = _File("", place.name, place.stat().st_size, place)
            return _sorted_out([one], lambda one: read_whole(place, MOST_BYTES))
    except OSError as trouble:
        raise DeskError(
            "tablet.missing",
            happened=f"“{place.name or place}”读不出来",
            safe="草稿没有改动",
            todo="请看平板或 U 盘有没有插好，再选一次",
            detail=str(trouble),
        ) from trouble
    return _in_zip(place)


def _in_folder(top: Path) -> Iterator[_File]:
    for folder, inside, names in os.walk(top):
        here = Path(folder)
        deep = len(here.relative_to(top).parts)
        inside[:] = [] if deep >= MOST_DEPTH else sorted(name for name in inside if not name.startswith("."))
        for name in sorted(names):
            path = here / name
            if path.is_symlink() or not path.is_file():
                continue  # neither out of the folder nor into a pipe
            yield _File(here.relative_to(top).as_posix(), name, path.stat().st_size, path)


def _in_zip(place: Path) -> Found:
    try:
        if place.stat().st_size > MOST_ZIP:
            raise _zip_trouble(place, "它太大了")
        with zipfile.ZipFile(place) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            files = []
            for one in entries[: MOST_FILES + 1]:
                path = PurePosixPath(one.filename)
                files.append(_File(path.parent.as_posix(), path.name, one.file_size, None))
            by_name = {(file.folder, file.name): entry for file, entry in zip(files, entries, strict=False)}

            def read(one: _File) -> tuple[int, bytes]:
                entry = by_name[one.folder, one.name]
                if entry.file_size > MOST_BYTES or entry.file_size > RATIO * max(entry.compress_size, 1):
                    return MOST_BYTES + 1, b""
                with archive.open(entry) as member:
                    data = member.read(MOST_BYTES + 1)
                return len(data), data

            return _sorted_out(files, read)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError) as trouble:
        raise _zip_trouble(place, "它损坏了，或者加了密码", str(trouble)) from trouble


def _zip_trouble(place: Path, why: str, detail: str = "") -> DeskError:
    return DeskError(
        "tablet.zip",
        happened=f"压缩包“{place.name}”打不开：{why}",
        safe="草稿没有改动",
        todo="请先解压成文件夹，再选那个文件夹",
        detail=detail,
    )


def _sorted_out(files: Iterable[_File], read: _Read) -> Found:
    held: dict[str, list[_File]] = {}
    for number, one in enumerate(files):
        if number >= MOST_FILES:
            raise _too_many(f"{MOST_FILES} 个文件以上")
        held.setdefault(one.folder, []).append(one)
    found: list[FoundSubmission] = []
    unusable: list[Unusable] = []
    for folder, inside in held.items():
        forms = [one for one in inside if one.name.lower().endswith(".xml")]
        tables = [one for one in inside if one.name.lower().endswith(".csv")]
        others = tuple(Attachment(one.name, one.size) for one in inside if one not in forms)
        if tables and not forms:
            try:
                found += _exported(tables, read)
            except CunbaoError as trouble:
                unusable.append(Unusable(PurePosixPath(folder).name or tables[0].name, trouble))
        for one in forms:
            if len(found) >= MOST_SUBMISSIONS:
                raise _too_many(f"{MOST_SUBMISSIONS} 份提交以上")
            name = PurePosixPath(folder).name if folder not in ("", ".") and len(forms) == 1 else one.name
            try:
                sent = _submission(one, read)
            except CunbaoError as trouble:
                unusable.append(Unusable(name, trouble))
                continue
            if sent is not None:
                found.append(FoundSubmission(name, _moment(name, sent), sent, others if len(forms) == 1 else ()))
    if not found and not unusable:
        raise DeskError(
            "tablet.none",
            happened="这里没有 ODK 提交",
            safe="草稿没有改动",
            todo="请选平板上 odk 下的 instances 文件夹，或者从平台导出后解压的文件夹",
        )
    return Found(tuple(sorted(found, key=lambda one: (one.when, one.name))), tuple(unusable))


def _exported(tables: list[_File], read: _Read) -> list[FoundSubmission]:
    """What Central's CSV files of one folder hold; [] when they are other tables."""
    contents: dict[str, bytes] = {}
    for one in tables:
        size, data = read(one)
        if size > MOST_BYTES:
            raise _too_large(size)
        if is_export(data):
            contents[one.name[:-4]] = data
    return [FoundSubmission(one.instance_name or one.instance_id, _moment("", one), one) for one in read_csv(contents)]


def _submission(one: _File, read: _Read) -> Submission | None:
    """None: a form or a list of files lies there, no submission."""
    try:
        size, data = read(one)
    except OSError as trouble:
        raise DeskError(
            "tablet.unreadable",
            happened="这份提交读不出来",
            safe="没有从它取任何内容，别的提交不受影响",
            todo="请从平板重新复制一次",
            detail=str(trouble),
        ) from trouble
    if size > MOST_BYTES:
        raise _too_large(size)
    if _FORM.search(data[:2000]) or one.name == "manifest.xml":
        return None
    return read_submission(data)


def _too_large(size: int) -> DeskError:
    return DeskError(
        "submission.large",
        happened=f"这份提交有 {max(1, size // MB)} MB，太大了",
        safe="没有从它取任何内容，别的提交不受影响",
        todo="请确认选对了文件；照片应在它旁边，不在里面",
    )


def _moment(name: str, sent: Submission) -> str:
    for text in (name, sent.sent_at):
        if found := _MOMENT.search(text):
            return f"{found[1]} {found[2]}:{found[3]}:{found[4]}"
    return ""


def _too_many(what: str) -> DeskError:
    return DeskError(
        "tablet.many",
        happened=f"这里有{what}，一次看不过来",
        safe="草稿没有改动",
        todo="请只选本村这一期的文件夹",
    )
