"""Keys lie outside the database: one set for sensitive columns and files, one that signs anchors.

They are made at the first `migrate`, readable by their owner alone, never in a backup; `keys export` writes them under
a passphrase. New values are written under the newest column key; older ones still read (`rotate`).
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from domain.problems import InputProblems, Problem, Refused
from engine.printing.files import write_whole
from engine.printing.system import keep_private, made_private, others_can

FILE = "keys.json"
_NONCE = 12


class KeysBroken(Refused):
    """The key file is there and says nothing."""


@dataclass(frozen=True)
class Keys:
    """columns: newest last, 32 bytes each by their id; signing: the Ed25519 seed of anchors."""

    columns: tuple[tuple[str, bytes], ...]
    signing: bytes

    @property
    def fingerprint(self) -> str:
        """By which the database knows its keys again: of the first column key and the signing key."""
        return sha256(self.columns[0][1] + self.signing).hexdigest()[:32]

    def encrypt(self, plain: bytes, about: str) -> bytes:
        """Under the newest key; about: what it is, which must be said again to read it."""
        name, key = self.columns[-1]
        nonce = os.urandom(_NONCE)
        return name.encode() + b"." + nonce + AESGCM(key).encrypt(nonce, plain, about.encode())

    def decrypt(self, secret: bytes, about: str) -> bytes:
        """Raises Refused where no key of these fits."""
        name, _, rest = secret.partition(b".")
        key = dict(self.columns).get(name.decode("ascii", "replace"), b"\0" * 32)
        try:
            return AESGCM(key).decrypt(rest[:_NONCE], rest[_NONCE:], about.encode())
        except InvalidTag:
            raise Refused("密钥不符, 不能解密: 取回与数据库配套的密钥 (KEY-WRONG)") from None

    def encrypt_text(self, plain: str, about: str) -> str:
        """The same as text for a column."""
        return base64.b64encode(self.encrypt(plain.encode(), about)).decode()

    def decrypt_text(self, secret: str, about: str) -> str:
        """The text again."""
        return self.decrypt(base64.b64decode(secret), about).decode()

    def sign(self, content: bytes) -> str:
        """An Ed25519 signature in hex."""
        return Ed25519PrivateKey.from_private_bytes(self.signing).sign(content).hex()

    @property
    def public(self) -> str:
        """The public half of the signing key, in hex."""
        return Ed25519PrivateKey.from_private_bytes(self.signing).public_key().public_bytes_raw().hex()

    def rotated(self) -> Keys:
        """These and a new column key, under which everything is written from now on."""
        return Keys((*self.columns, _fresh()), self.signing)

    def joined(self, others: Keys) -> Keys:
        """These, and what the others have of the same database: what either wrote is read, as these write it."""
        mine = {name for name, _ in self.columns}
        first, rest = self.columns[:1], self.columns[1:]
        return Keys((*first, *(one for one in others.columns if one[0] not in mine), *rest), self.signing)

    def as_json(self) -> bytes:
        """What the key file holds."""
        columns = [[name, base64.b64encode(key).decode()] for name, key in self.columns]
        return json.dumps({"columns": columns, "signing": base64.b64encode(self.signing).decode()}).encode()


def holds(public: str, content: bytes, signature: str) -> bool:
    """Whether who has the key of this public half signed these bytes; both in hex."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def fresh_keys() -> Keys:
    """Keys that nobody else has."""
    return Keys((_fresh(),), os.urandom(32))


def _fresh() -> tuple[str, bytes]:
    return secrets.token_hex(4), os.urandom(32)


def save_keys(folder: Path, keys: Keys) -> None:
    """Write the key file, for its owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_private(folder / FILE, keys.as_json())


def load_keys(folder: Path) -> Keys | None:
    """The keys of a folder; None where there are none. Raises Refused where others can read them."""
    path = folder / FILE
    if not path.is_file():
        return None
    if others_can(path):
        raise Refused(f"{path}: 别人也能读密钥, 先 chmod 600 (KEY-OPEN)")
    return _read(path.read_bytes(), str(path))


def export_keys(keys: Keys, path: Path, passphrase: str) -> None:
    """Write the keys under a passphrase. Raises Refused for one shorter than 12 characters."""
    if len(passphrase) < 12:
        raise Refused("口令至少 12 个字符 (PASSPHRASE-SHORT)")
    salt, nonce = os.urandom(16), os.urandom(_NONCE)
    secret = AESGCM(_derived(passphrase, salt)).encrypt(nonce, keys.as_json(), b"liangyun keys")
    packed = {
        name: base64.b64encode(part).decode() for name, part in (("salt", salt), ("nonce", nonce), ("keys", secret))
    }
    _write_private(path, json.dumps({"liangyun_keys": 1, **packed}).encode())


def import_keys(path: Path, passphrase: str) -> Keys:
    """The keys of an exported file. Raises InputProblems."""
    try:
        packed = json.loads(path.read_bytes())
        salt, nonce, secret = (base64.b64decode(packed[name]) for name in ("salt", "nonce", "keys"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputProblems(
            [Problem(str(path), "KEY-FILE", "不是导出的密钥文件", "用 keys export 写出的文件")]
        ) from error
    try:
        return _read(AESGCM(_derived(passphrase, salt)).decrypt(nonce, secret, b"liangyun keys"), str(path))
    except InvalidTag:
        raise InputProblems([Problem(str(path), "PASSPHRASE", "口令不对", "核对口令文件")]) from None


def _derived(passphrase: str, salt: bytes) -> bytes:
    return Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=64 * 1024).derive(passphrase.encode())


def _read(raw: bytes, where: str) -> Keys:
    try:
        held = json.loads(raw)
        columns = tuple((str(name), base64.b64decode(key)) for name, key in held["columns"])
        return Keys(columns, base64.b64decode(held["signing"]))
    except (ValueError, KeyError, TypeError) as error:
        raise KeysBroken(f"{where}: 密钥文件已损坏, 用 keys import 取回 (KEY-BROKEN)") from error


def _write_private(path: Path, content: bytes) -> None:
    with made_private():
        write_whole(path, content)
    keep_private(path)
