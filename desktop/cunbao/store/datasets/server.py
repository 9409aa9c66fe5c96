"""A PostgreSQL server: connected to, and what goes wrong with it in sentences.

The password of a DSN stays in the DSN: no sentence, detail or journal ever has it. Imported inside the functions that
need it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cunbao.errors import StoreError

if TYPE_CHECKING:
    import psycopg

LEAST = 13  # trim_scale, and what is still cared for
SECONDS = "10"  # to wait for a server that does not answer
_SAFE = "县里的资料没有受影响，那边的数据也没有改动"


@contextmanager
def connected(dsn: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """One connection in one transaction: what is not committed when the block ends is as if it had never been.

    StoreError "postgres.dsn", "postgres.unreachable", "postgres.password", "postgres.old", "postgres.rights",
    "postgres.broken"."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    try:
        told = conninfo_to_dict(dsn)
        whole = make_conninfo("", **{"connect_timeout": SECONDS, "application_name": "cunbao", **told})
    except psycopg.Error:
        raise _dsn() from None  # its words repeat the DSN
    secret = str(told.get("password") or "")
    try:
        connection = psycopg.connect(whole)
    except psycopg.Error as error:
        raise _unreachable(_without(str(error), secret), told) from None
    try:
        if connection.info.server_version < LEAST * 10000:
            raise _old(connection.info.server_version // 10000)
        connection.execute("SET search_path TO pg_catalog, pg_temp")
        yield connection
    except psycopg.errors.InsufficientPrivilege as error:
        raise _rights(_without(str(error), secret)) from error
    except psycopg.errors.ReadOnlySqlTransaction as error:
        raise _rights(_without(str(error), secret)) from error
    except psycopg.Error as error:
        raise _broken(_without(str(error), secret)) from error
    finally:
        connection.close()


def told_of(connection: psycopg.Connection[tuple[Any, ...]]) -> str:
    """Where it is, without user and password: "db.county.cn:5432/statistics"."""
    info = connection.info
    return f"{info.host or 'localhost'}:{info.port}/{info.dbname}"


def _without(words: str, secret: str) -> str:
    return words.replace(secret, "********") if secret else words


def _dsn() -> StoreError:
    return StoreError(
        "postgres.dsn",
        happened="PostgreSQL 的连接串写得不对",
        safe=_SAFE,
        todo="应写成 postgresql://用户@主机:端口/库名，密码可以放在环境变量 PGPASSWORD；请改好再试",
    )


def _unreachable(detail: str, told: dict[str, Any]) -> StoreError:
    where = f"{told.get('host') or '本机'}:{told.get('port') or 5432}"
    if "password" in detail.lower() or "authentication" in detail.lower():
        return StoreError(
            "postgres.password",
            happened=f"PostgreSQL（{where}）不认这个用户或密码",
            safe=_SAFE,
            todo="请核对用户名和密码，再试一次",
            detail=detail,
        )
    return StoreError(
        "postgres.unreachable",
        happened=f"连不上 PostgreSQL（{where}，库 {told.get('dbname') or '没写'}）",
        safe=_SAFE,
        todo="请核对主机、端口和库名，看服务器开着没有，再试一次",
        detail=detail,
    )


def _old(version: int) -> StoreError:
    return StoreError(
        "postgres.old",
        happened=f"服务器是 PostgreSQL {version}，太旧了，要 {LEAST} 或更新的",
        safe=_SAFE,
        todo="请换一台服务器，或者请管理员升级",
    )


def _rights(detail: str) -> StoreError:
    return StoreError(
        "postgres.rights",
        happened="这个用户在 PostgreSQL 里没有建表或改表的权限",
        safe=_SAFE,
        todo="请管理员给他这个库的 CREATE 权限，或者换一个用户",
        detail=detail,
    )


def _broken(detail: str) -> StoreError:
    return StoreError(
        "postgres.broken",
        happened="PostgreSQL 中途出错，这一次没有写进去",
        safe=_SAFE,
        todo="请过一会儿再试；再不行，把详情给管理员看",
        detail=detail,
    )
