"""Wrong use of a command: nothing was tried, exit code 2. And the files that a command is given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cunbao.errors import CunbaoError


class WrongUse(CunbaoError):
    """What was asked for does not exist or cannot be read."""

    def __init__(self, code: str, happened: str, todo: str, *, detail: str = "") -> None:
        super().__init__(code, happened=happened, safe="什么也没有改动", todo=todo, detail=detail)


def read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as trouble:
        raise WrongUse("file.missing", f"“{path}”读不出来", "请核对文件名", detail=str(trouble)) from trouble


def read_object(path: Path) -> dict[str, Any]:
    """A JSON object; numbers stay as they are written, since 150.0 and 150 are not the same text."""
    try:
        found = json.loads(read_bytes(path).decode("utf-8-sig"), parse_float=str, parse_int=str)
    except ValueError as trouble:
        raise WrongUse("file.json", f"“{path}”不是 JSON", "请改好再试", detail=str(trouble)) from trouble
    if not isinstance(found, dict):
        raise WrongUse("file.json", f"“{path}”里不是一个对象", "请写成 {名字: 值}")
    return found
