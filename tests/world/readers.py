"""What other people's programs say of our files: pdfsig with the root installed, pdftotext, the plain opening kit."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cunbao.trust.keys import pem


def run(*words: str | Path, folder: Path | None = None) -> str:
    """Standard output of a program that must succeed."""
    done = subprocess.run([str(word) for word in words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def an_nss_folder(place: Path, root: bytes) -> Path:
    """A certificate store of another program, in which somebody has put our root (DER)."""
    folder = place / "nss"
    folder.mkdir()
    (place / "root.pem").write_bytes(pem(root))
    run("certutil", "-N", "-d", f"sql:{folder}", "--empty-password")
    run("certutil", "-A", "-d", f"sql:{folder}", "-n", "root", "-t", "CT,C,C", "-i", place / "root.pem")
    return folder


def pdfsig(pdf: Path, nss: Path) -> str:
    return run("pdfsig", "-nssdir", f"sql:{nss}", pdf)


def trusted_by_pdfsig(pdf: Path, nss: Path) -> bool:
    """One signature, valid, by a certificate under the root, over the whole file (facts §4)."""
    said = pdfsig(pdf, nss)
    return (
        said.count("Signature #") == 1
        and "Signature is Valid." in said
        and "Certificate is Trusted." in said
        and "Total document signed" in said
    )


def text_of(pdf: Path) -> str:
    """The words of a PDF without the spaces and breaks that layout put between them."""
    return "".join(run("pdftotext", "-raw", pdf, "-").split())
