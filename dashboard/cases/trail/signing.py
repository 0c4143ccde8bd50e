"""Signing: the heads of all chains, signed once a day with a key of this hall, and exported to a file.

What it is good for, and no more: whoever can write into the database can rewrite a chain so that it is whole in
itself. They cannot make it agree with a head that was signed before, unless they have the private key too, or every
copy of the exported files. It is evidence of tampering, not protection from it. So: copy `heads/` and `keys/trail.pub`
to where the operators of this machine cannot write (another department, paper, a write-once store). Who takes the
private key can sign other heads; only copies made before can tell. What was written since the last head is not covered.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from dashboard.cases.durable import NotNew, place
from dashboard.cases.store.reading import heads
from dashboard.cases.trail.broken import Finding
from dashboard.cases.trail.heads import HeadLine, SignedHeads, files, read
from dashboard.cases.trail.watch import HEADS
from dashboard.sql.engine import writing

__all__ = ["NoKey", "check", "export", "key_id", "load", "private_key", "public_key", "sign"]

#: In the data folder.
PRIVATE, PUBLIC, FOLDER = Path("keys") / "trail.key", Path("keys") / "trail.pub", Path("heads")


class NoKey(Exception):
    """A key cannot be read; the sentence says which and why."""


def private_key(data: Path) -> Ed25519PrivateKey:
    """The key of this data folder, made on first use. The public one lies beside it. Raises NoKey."""
    path = data / PRIVATE
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        secret = made.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
        with contextlib.suppress(NotNew):  # another process was first: its key is the key
            place(path, secret, mode=0o600)
    try:
        key = form.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NoKey(f"the signing key {path} cannot be read: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NoKey(f"{path} is no Ed25519 key")
    if not (data / PUBLIC).exists():
        words = key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
        place(data / PUBLIC, words, mode=0o644, anew=True)
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """From a PEM file: all that verifying needs. Raises NoKey."""
    try:
        key = form.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise NoKey(f"the public key {path} cannot be read: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise NoKey(f"{path} is no Ed25519 key")
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """16 hex digits of the SHA-256 of the key."""
    return hashlib.sha256(key.public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)).hexdigest()[:16]


def sign(key: Ed25519PrivateKey, name: str, at: float, ends: dict[str, tuple[int, int, bytes]]) -> SignedHeads:
    """ends: as dashboard.cases.store.reading.heads gives them."""
    lines = [
        HeadLine(district=district, number=number, position=position, hash=digest.hex())
        for district, (number, position, digest) in sorted(ends.items())
    ]
    words = SignedHeads(name=name, signed_at=at, key_id=key_id(key.public_key()), heads=lines)
    return msgspec.structs.replace(words, signature=key.sign(words.words()).hex())


def export(engine: Engine, data: Path, at: float, zone: dt.tzinfo = dt.UTC, *, anew: bool = False) -> Path | None:
    """Sign the heads as they are, put them on record and into `heads/YYYY-MM-DD.json`.

    None: those of the day are there already; with `anew`, a second document of the day is made, named with its time.
    """
    when = dt.datetime.fromtimestamp(at, zone)
    name = f"{when:%Y-%m-%d}"
    path = data / FOLDER / f"{name}.json"
    if path.exists():
        if not anew:
            return None
        name = f"{when:%Y-%m-%dT%H%M%S.%f}"
        path = path.with_name(f"{name}.json")
    document = sign(private_key(data), name, at, heads(engine))
    try:
        with writing(engine) as connection:
            row = {"name": name, "signed_at": at, "key_id": document.key_id, "body": document.body()}
            connection.execute(sa.insert(HEADS).values(**row))
    except IntegrityError:
        # On record, and not in this folder: another steward's, or one that died here. The record is what was signed.
        document = _of_record(engine, name)
    place(path, document.body().encode(), mode=0o644, anew=True)
    return path


def _of_record(engine: Engine, name: str) -> SignedHeads:
    with engine.connect() as connection:
        return read(connection.execute(sa.select(HEADS.c.body).where(HEADS.c.name == name)).scalar_one().encode())


def load(source: Path) -> tuple[list[SignedHeads], list[Finding]]:
    """The documents of a file or folder, in order of time; those that are none."""
    found: list[SignedHeads] = []
    wrong: list[Finding] = []
    for path in files(source):
        try:
            found.append(read(path.read_bytes()))
            _hashes(found[-1])
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError):
            found = [document for document in found if document.name != path.stem]
            wrong.append(Finding(code="not_heads", values={"name": path.name}))
    return sorted(found, key=lambda document: (document.signed_at, document.name)), wrong


def check(documents: Iterable[SignedHeads] | Sequence[SignedHeads], key: Ed25519PublicKey) -> list[Finding]:
    """Those that this key has not signed. An exported file needs nothing but the public key."""
    return [finding for document in documents if (finding := _check(document, key))]


def _check(document: SignedHeads, key: Ed25519PublicKey) -> Finding | None:
    own = key_id(key)
    if document.key_id != own:
        return Finding(code="other_key", values={"name": document.name, "found": document.key_id, "said": own})
    try:
        key.verify(bytes.fromhex(document.signature), document.words())
    except (InvalidSignature, ValueError):
        return Finding(code="signature", values={"name": document.name})
    return None


def _hashes(document: SignedHeads) -> None:
    for line in document.heads:
        bytes.fromhex(line.hash)
