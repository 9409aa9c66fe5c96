"""The script that lies in an archive and takes it apart without this program: promise 5, for a year that was moved out.

It needs Python with argon2-cffi, cryptography and sqlcipher3, and `openssl` (3.0 or later): what anybody can install.
"""

from __future__ import annotations

from typing import Final

SCRIPT: Final = '''\
#!/usr/bin/env python3
"""不用村报，打开“移出的年度”（.cbyear）：
    unzip 某某县-2023年度-移出.cbyear -d year && cd year
    python3 open.py 姓名 放到哪个文件夹        （密码在环境变量 CUNBAO_PASSWORD，或者当场输入）
要用到 Python 3 的 argon2-cffi、cryptography、sqlcipher3，和 openssl（3.0 以上）。密码是移出那天的。
"""
import base64, getpass, hashlib, json, os, subprocess, sys, tempfile, unicodedata
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, load_der_private_key,
)
from sqlcipher3 import dbapi2

here, out = Path(__file__).parent, Path(sys.argv[2])
password = os.environ.get("CUNBAO_PASSWORD") or getpass.getpass("密码：")

# 1 密码 → 本人的钥匙：Argon2id 拉长密码，AES-256-GCM 解开
keys = json.loads((here / "keys.json").read_text("utf-8"))
mine = next(one for one in keys["wraps"] if one["person"] == sys.argv[1])
wrap = dict(mine["wrap"])
locked = base64.b64decode(wrap.pop("wrapped"))
typed = unicodedata.normalize("NFKC", password).encode()
salt = base64.b64decode(wrap["salt"])
stretched = hash_secret_raw(typed, salt, wrap["passes"], wrap["memory"], wrap["lanes"], 32, Type.ID)
head = json.dumps(wrap, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
secret = AESGCM(stretched).decrypt(base64.b64decode(wrap["nonce"]), locked, head)

# 2 本人的钥匙 → 数据库的钥匙：CMS 信封，openssl 解开；前 32 字节是后面内容的 SHA-256
if "data" in mine:
    with tempfile.TemporaryDirectory() as place:
        key, envelope = Path(place, "key.pem"), Path(place, "envelope.der")
        key.touch(0o600)
        private = load_der_private_key(secret, None)
        key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        envelope.write_bytes(base64.b64decode(mine["data"]["envelope"]))
        command = ["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-in", str(envelope), "-inkey", str(key)]
        inside = subprocess.run(command, check=True, capture_output=True).stdout
    assert hashlib.sha256(inside[32:]).digest() == inside[:32]
    secret = base64.b64decode(json.loads(inside[32:])["secret"])

# 3 数据库：SQLCipher 4，钥匙直接用
database = dbapi2.connect(str(here / "data.db"))
database.execute("PRAGMA key=\\"x'" + secret.hex() + "'\\"")
suffix = {
    "header": ".json", "answers": ".xml", "cms": ".cms", "pdf": ".pdf", "decision": ".json",
    "evidence": ".json", "record": ".json", "certificate": ".cer", "taskpack": ".cbtask",
}
held = {}
for table in ("object", "along"):
    for name, kind, data in database.execute("SELECT sha256, kind, data FROM " + table):
        assert hashlib.sha256(data).hexdigest() == name
        held[name] = name + suffix.get(kind, "")
        path = out / "objects" / held[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

# 4 每张报表一个文件夹：表头、填报值、签名、PDF
found = database.execute(
    "SELECT id, office, form, version, header, answers, cms, pdf FROM revision ORDER BY office, form, version"
).fetchall()
for name, office, form, version, *parts in found:
    folder = out / office / (form + "-" + str(version) + "-" + name[:12])
    folder.mkdir(parents=True, exist_ok=True)
    for part, called in zip(parts, ("header.json", "answers.xml", "header.cms", "return.pdf")):
        if part:
            (folder / called).write_bytes((out / "objects" / held[part]).read_bytes())
print(len(found), "份签名的报表，放在", out)
'''
