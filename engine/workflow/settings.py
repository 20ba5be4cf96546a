"""The settings of an installation: LIANGYUN_ names of the environment, then of the file that LIANGYUN_SETTINGS names.

Nothing is read at import: `read_settings` reads when it is asked. The file has one NAME=VALUE a line, as systemd's
EnvironmentFile; a name that nobody knows is refused with its line, for a misspelt setting would be passed over.
"""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from domain.problems import InputProblems, Problem, Problems, Refused
from engine.printing.system import data_folder
from engine.storage.install import Place

PREFIX = "LIANGYUN_"
MASK = "******"
_SHARES = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "fuse.sshfs"})
"""File systems of other machines: locks and syncs there are not what SQLite and the file store rely on."""
_LINE = re.compile(r"\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*?)\s*")
_ASIDE = frozenset({"LIANGYUN_SETTINGS", "LIANGYUN_DEBUG"})
"""Names of the environment that are no settings."""
_WRONG = (
    (re.compile(r"valid integer"), "须为整数"),
    (re.compile(r"greater than or equal to (\S+)"), r"不得小于 \1"),
    (re.compile(r"less than or equal to (\S+)"), r"不得大于 \1"),
    (re.compile(r"Input should be (.+)"), r"只能是 \1"),
    (re.compile(r"Value error, (.+)"), r"\1"),
)
Names = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """What can be set, as docs/operations.md tells; each name stands behind LIANGYUN_."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    home: Path = Field(default_factory=lambda: data_folder() / "liangyun")
    database: str = ""
    backup: Path | None = None
    anchors: Path | None = None
    bind: str = "127.0.0.1:8080"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    proxy: Names = ()
    pay_key: Path | None = None
    smtp_host: str = ""
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_from: str = ""
    webhook_hosts: Names = ()
    upload_mb: int = Field(default=50, ge=1, le=1024)
    unpacked_mb: int = Field(default=500, ge=1, le=8192)
    audit_years: int = Field(default=10, ge=1, le=100)

    @field_validator("proxy", "webhook_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("proxy")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                ip_network(one, strict=False)
            except ValueError:
                raise ValueError(f"{one} 不是反向代理的地址, 写 IP 地址或网段, 几个用逗号分开") from None
        return value

    @field_validator("bind")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            raise ValueError(f"{value} 不是 地址:端口, 如 127.0.0.1:8080 或 [::1]:8080")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  (pydantic-settings')
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before the file, whose lines come as arguments."""
        return env_settings, init_settings

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of LIANGYUN_BIND."""
        host, _, port = self.bind.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def pay_key_file(self) -> Path:
        """The key file of pay.md's tokens."""
        return self.pay_key or self.home / "keys" / "pay"

    def place(self) -> Place:
        """Where the installation is. Raises Refused where it would lie on a share of the network (HOME-SHARED)."""
        home = Path(os.path.abspath(self.home.expanduser()))  # noqa: PTH100  (a link stays what it is called)
        url = self.database if self.database != f"sqlite:///{home / 'liangyun.db'}" else ""
        files = [home, *([Path(url.removeprefix("sqlite:///"))] if url.startswith("sqlite:///") else [])]
        for path in files:
            if (kind := file_system(path)) in _SHARES:
                raise Refused(
                    f"{path} 在网络共享 ({kind}) 上: LIANGYUN_HOME 和 SQLite 数据库须在本机磁盘 (HOME-SHARED)"
                )
        return Place(home, url)

    def check_bind(self) -> None:
        """Refuse to be reached from other machines in the clear. Raises Refused (BIND-OPEN, TLS-HALF)."""
        if (self.tls_cert is None) != (self.tls_key is None):
            raise Refused("LIANGYUN_TLS_CERT 和 LIANGYUN_TLS_KEY 须一起写 (TLS-HALF)")
        if self.tls_cert is None and not self.proxy and not _is_loopback(self.address[0]):
            raise Refused(
                f"{self.bind} 对本机以外开放而没有加密: 写 LIANGYUN_TLS_CERT 和 LIANGYUN_TLS_KEY, "
                "或在前面放反向代理并用 LIANGYUN_PROXY 写明其地址 (BIND-OPEN)"
            )

    def check_tls(self) -> None:
        """Refuse a certificate and a key that nothing can be served with. Raises Refused (TLS-FILE)."""
        if self.tls_cert and self.tls_key:
            _check_pair(self.tls_cert, self.tls_key)


def _check_pair(cert: Path, key: Path) -> None:
    for name, path in (("LIANGYUN_TLS_CERT", cert), ("LIANGYUN_TLS_KEY", key)):
        try:
            path.read_bytes()
        except OSError as error:
            raise Refused(f"{name}: 读不到 {path}, 核对路径和权限 (TLS-FILE)") from error
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key)
    except ssl.SSLError as error:
        said = f"证书 {cert} 和私钥 {key} 不能用: 须为 PEM 格式, 私钥与证书配套"
        raise Refused(f"{said} (TLS-FILE)") from error


@dataclass(frozen=True)
class Shown:
    """A setting as it may be shown. source: 默认, 环境变量, or file:line."""

    name: str
    value: str
    source: str


def read_settings() -> Settings:
    """The settings now. Raises InputProblems, each wrong one at its name or its line."""
    return _read()[0]


def show_settings() -> list[Shown]:
    """Every setting with its source; secrets, also those inside an address, as ******."""
    settings, file = _read()
    shown = []
    for field in Settings.model_fields:
        name, value = PREFIX + field.upper(), getattr(settings, field)
        said = ",".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
        source = "环境变量" if os.environ.get(name) else file[name].where if name in file else "默认"
        shown.append(Shown(name, masked(field, said), source))
    return shown


def masked(field: str, value: str) -> str:
    """A value that may be shown: a password whole, and the one that an address holds, as ******."""
    if value and field.endswith(("password", "secret")):
        return MASK
    value = re.sub(r"(://[^:@/?#]*:).*@", rf"\1{MASK}@", value)
    return re.sub(r"(?i)([?&](?:password|sslpassword|passwd|token|secret)=)[^&]*", rf"\1{MASK}", value)


def file_system(path: Path) -> str:
    """The kind of file system that a path lies, or would lie, on; empty where the system does not say."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    real, best, kind = Path(os.path.realpath(path)), -1, ""
    for line in mounts:
        _, point, named, *_ = line.split(" ")
        root = Path(point.replace("\\040", " "))
        if real.is_relative_to(root) and len(root.parts) >= best:
            best, kind = len(root.parts), named
    return kind


@dataclass(frozen=True)
class _Line:
    value: str
    where: str


def _read() -> tuple[Settings, dict[str, _Line]]:
    problems = Problems()
    file = _file(os.environ["LIANGYUN_SETTINGS"], problems) if os.environ.get("LIANGYUN_SETTINGS") else {}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in _ASIDE and not _is_known(name):
            problems.add(name, "SETTING-UNKNOWN", "没有这个设置", "核对名称: liangyun settings show 列出全部")
    given: dict[str, Any] = {name.removeprefix(PREFIX).lower(): line.value for name, line in file.items() if line.value}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_context=False, include_input=False):
            name = PREFIX + str(one["loc"][0]).upper()
            where = name if os.environ.get(name) or name not in file else f"{file[name].where} {name}"
            problems.add(where, "SETTING", _said(one["msg"]), "改正后重试")
        raise InputProblems(problems.found) from None
    problems.raise_if_any()
    return settings, file


def _file(name: str, problems: Problems) -> dict[str, _Line]:
    path = Path(name)
    found: dict[str, _Line] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputProblems(
            [Problem("LIANGYUN_SETTINGS", "SETTINGS-FILE", f"读不到设置文件 {path}", "核对路径; 文件须为 UTF-8")]
        ) from error
    for number, line in enumerate(lines, start=1):
        where = f"{path}:{number}"
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            problems.add(where, "SETTINGS-LINE", "这一行不是 名称=值", "改正, 或在行首加 #")
        elif not _is_known(match["name"]):
            problems.add(where, "SETTING-UNKNOWN", f"没有 {match['name']} 这个设置", "核对名称, 或去掉这一行")
        elif match["name"] in found:
            problems.add(where, "SETTING-TWICE", f"{match['name']} 写了两次", "只留一行")
        else:
            found[match["name"]] = _Line(_unquoted(match["value"]), where)
    return found


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _is_known(name: str) -> bool:
    return name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() in Settings.model_fields and name.isupper()


def _said(message: str) -> str:
    for pattern, chinese in _WRONG:
        if match := pattern.search(message):
            return match.expand(chinese)
    return message


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
