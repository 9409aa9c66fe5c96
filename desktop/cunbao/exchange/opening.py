"""DIR/open: proof that our files open without us. A sample reader's key, the root, and a script of plain tools.

The script is decision 18: the two openssl commands, then unzip, then sha256sum -c. Certificates expire and the files
stay: `-no_check_time` keeps it working in ten years.
"""

from __future__ import annotations

from typing import Final

from cunbao.trust.keys import PrivateKey, pem, private_bytes

SCRIPT: Final = "open.sh"
_ROOT: Final = "root.pem"
_READER: Final = "reader"


def open_script() -> str:
    """Text of open.sh. It tries every reader whose certificate and key lie beside it."""
    return f"""#!/bin/sh
# 不用村报，只用通用工具打开一个报送包（.cbsync）：
#   sh {SCRIPT} 报送包.cbsync [放到哪个文件夹]
# 要用到 openssl（3.0 以上）、unzip、sha256sum。这里的钥匙只是样例，打不开别人的文件。
set -eu
here=$(cd "$(dirname "$0")" && pwd)
package=${{1:?用法：sh {SCRIPT} 报送包.cbsync [文件夹]}}
out=${{2:-opened}}
mkdir -p "$out"

# 1 解密：用收件单位的证书和钥匙，一把一把试
opened=""
for certificate in "$here"/{_READER}*.crt; do
  if openssl cms -decrypt -binary -inform DER -in "$package" \\
    -recip "$certificate" -inkey "${{certificate%.crt}}.key" -out "$out/signed.der" 2>"$out/openssl.log"; then
    opened=$certificate
    break
  fi
done
if [ -z "$opened" ]; then
  cat "$out/openssl.log" >&2
  echo "这里没有能打开它的钥匙" >&2
  exit 1
fi
rm -f "$out/openssl.log"
# 2 验签：签名人的证书要能追到县级根证书
openssl cms -verify -binary -inform DER -in "$out/signed.der" \\
  -CAfile "$here/{_ROOT}" -purpose any -no_check_time -out "$out/content.zip"
# 3 解压，逐个核对校验和
unzip -q -o "$out/content.zip" -d "$out/content"
cd "$out/content"
sha256sum -c SHA256SUMS
"""


def open_kit(root: bytes, *readers: tuple[bytes, PrivateKey]) -> dict[str, bytes]:
    """The files of DIR/open: name → bytes. root: DER; readers: certificate (DER) and decryption key, in plain, so only
    ever of a sample. The first is reader.crt, further ones reader-2.crt …"""
    kit = {SCRIPT: open_script().encode(), _ROOT: pem(root)}
    for number, (certificate, key) in enumerate(readers, 1):
        name = _READER if number == 1 else f"{_READER}-{number}"
        kit[f"{name}.crt"] = pem(certificate)
        kit[f"{name}.key"] = pem(private_bytes(key), "PRIVATE KEY")
    return kit
