"""The key by which a pay folder knows persons again without their ID numbers: id_token = HMAC-SHA256(key, id_number).

The key lies outside every folder: in the file that LIANGYUN_PAY_KEY names, else `keys/pay` under LIANGYUN_HOME. It is
made at first use, for its owner alone. Source: contract of pay, DIR; domain/F_security.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from domain.problems import Refused
from engine.printing.system import data_folder, others_can

_BYTES = 32
_PLACE: ContextVar[Path | None] = ContextVar("pay_key_place", default=None)


@dataclass(frozen=True, repr=False)
class PayKey:
    """The key, 32 bytes."""

    secret: bytes

    @property
    def fingerprint(self) -> str:
        """What manifests say of it: it tells two keys apart and gives none away."""
        return hmac.new(self.secret, b"liangyun pay key", sha256).hexdigest()[:16]

    def token(self, id_number: str) -> str:
        """What stands for an ID number in a folder, in hex."""
        return hmac.new(self.secret, id_number.encode(), sha256).hexdigest()


@contextmanager
def key_at(path: Path) -> Iterator[None]:
    """In the block the key lies there, whatever the environment says: an installation knows its own."""
    before = _PLACE.set(path)
    try:
        yield
    finally:
        _PLACE.reset(before)


def key_file() -> Path:
    """Where the key lies."""
    if (place := _PLACE.get()) is not None:
        return place
    if named := os.environ.get("LIANGYUN_PAY_KEY"):
        return Path(named)
    home = os.environ.get("LIANGYUN_HOME")
    return (Path(home) if home else data_folder() / "liangyun") / "keys" / "pay"


def pay_key() -> PayKey:
    """The key, made where there is none.

    Raises Refused (PAY-KEY) where it cannot be made, says nothing or others can read it.
    """
    path = key_file()
    try:
        made = _make(path)
    except FileExistsError:
        made = None
    except OSError as error:
        how = "让这个文件夹可写, 或用 LIANGYUN_HOME 指明另一个放密钥和导出登记的位置"
        raise Refused(f"{path}: 建不了发放密钥 ({error.strerror}); {how} (PAY-KEY)") from error
    if made is not None:
        return PayKey(made)
    if others_can(path):
        raise Refused(f"{path}: 别人也能读发放密钥, 先 chmod 600 (PAY-KEY)")
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) < _BYTES:
        raise Refused(f"{path}: 发放密钥已损坏, 从备份取回; 换密钥后, 旧文件夹的身份校验值不再相符 (PAY-KEY)")
    return PayKey(secret)


def _make(path: Path) -> bytes:
    """A fresh key in a file that was not there: whole or not at all, whoever else makes one at the same time."""
    if path.exists():
        raise FileExistsError(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = secrets.token_bytes(_BYTES)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secret.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # fails where another one stands already
    finally:
        part.unlink(missing_ok=True)
    return secret
