"""Settings: environment before file, every wrong one at its name or line, nothing open to others in the clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.problems import InputProblems, Refused
from engine.workflow import settings
from engine.workflow.settings import file_system, masked, read_settings, show_settings


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """No setting of whoever runs the tests."""
    for shown in settings.Settings.model_fields:
        monkeypatch.delenv(f"LIANGYUN_{shown.upper()}", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def write(monkeypatch, tmp_path):
    def made(text):
        path = tmp_path / "settings"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("LIANGYUN_SETTINGS", str(path))
        return path

    return made


def wrong():
    with pytest.raises(InputProblems) as error:
        read_settings()
    return [(problem.where, problem.code) for problem in error.value.problems]


def test_without_a_setting_the_contracts_defaults_hold(tmp_path):
    place = read_settings().place()
    assert place.home == tmp_path / "data" / "liangyun"
    assert place.database == f"sqlite:///{tmp_path}/data/liangyun/liangyun.db"
    assert read_settings().address == ("127.0.0.1", 8080)
    assert read_settings().pay_key_file == Path(tmp_path / "data/liangyun/keys/pay")
    read_settings().check_bind()


def test_the_environment_goes_before_the_file_and_is_read_when_asked(write, monkeypatch):
    write('# comment\n\nLIANGYUN_BIND = "[::1]:81"\nLIANGYUN_WEBHOOK_HOSTS=a.cn, b.cn\nLIANGYUN_SMTP_USER=\n')
    assert read_settings().address == ("::1", 81)
    assert read_settings().webhook_hosts == ("a.cn", "b.cn")
    monkeypatch.setenv("LIANGYUN_BIND", "127.0.0.1:82")
    assert read_settings().address == ("127.0.0.1", 82)
    assert {one.source for one in show_settings() if one.name == "LIANGYUN_BIND"} == {"环境变量"}


def test_everything_wrong_is_told_at_its_line(write, monkeypatch):
    path = write(
        "LIANGYUN_BIN=1\nno line\nLIANGYUN_UPLOAD_MB=much\nPATH=/bin\n"
        "LIANGYUN_SMTP_PORT=1\nLIANGYUN_SMTP_PORT=2\nliangyun_home=/x\n"
    )
    monkeypatch.setenv("LIANGYUN_HOEM", "x")
    monkeypatch.setenv("LIANGYUN_BIND", "8080")
    monkeypatch.setenv("LIANGYUN_PROXY", "10.0.0.1, proxy.cn")
    monkeypatch.setenv("LIANGYUN_DEBUG", "1")
    assert sorted(wrong()) == sorted(
        [
            (f"{path}:1", "SETTING-UNKNOWN"),
            (f"{path}:2", "SETTINGS-LINE"),
            (f"{path}:3 LIANGYUN_UPLOAD_MB", "SETTING"),
            (f"{path}:4", "SETTING-UNKNOWN"),
            (f"{path}:6", "SETTING-TWICE"),
            (f"{path}:7", "SETTING-UNKNOWN"),
            ("LIANGYUN_BIND", "SETTING"),
            ("LIANGYUN_HOEM", "SETTING-UNKNOWN"),
            ("LIANGYUN_PROXY", "SETTING"),
        ]
    )


@pytest.mark.parametrize(
    ("cert", "code"), [("none", r"LIANGYUN_TLS_CERT: 读不到 none.*TLS-FILE"), (__file__, r"PEM.*TLS-FILE")]
)
def test_a_certificate_that_serves_nothing_is_told(monkeypatch, cert, code):
    monkeypatch.setenv("LIANGYUN_TLS_CERT", cert)
    monkeypatch.setenv("LIANGYUN_TLS_KEY", cert)
    with pytest.raises(Refused, match=code):
        read_settings().check_tls()


def test_a_file_that_cannot_be_read_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("LIANGYUN_SETTINGS", str(tmp_path / "none"))
    assert wrong() == [("LIANGYUN_SETTINGS", "SETTINGS-FILE")]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"BIND": "0.0.0.0:80"}, "BIND-OPEN"),
        ({"BIND": "10.1.2.3:80"}, "BIND-OPEN"),
        ({"BIND": "[::]:80"}, "BIND-OPEN"),
        ({"BIND": "bureau.cn:80"}, "BIND-OPEN"),
        ({"BIND": "127.0.0.1:80", "TLS_CERT": "c"}, "TLS-HALF"),
        ({"BIND": "0.0.0.0:80", "TLS_KEY": "k", "PROXY": "10.0.0.1"}, "TLS-HALF"),
    ],
)
def test_the_open_net_is_not_reached_in_the_clear(monkeypatch, given, code):
    for name, value in given.items():
        monkeypatch.setenv(f"LIANGYUN_{name}", value)
    with pytest.raises(Refused, match=code):
        read_settings().check_bind()


@pytest.mark.parametrize(
    "given",
    [
        {"BIND": "0.0.0.0:443", "TLS_CERT": "c", "TLS_KEY": "k"},
        {"BIND": "0.0.0.0:80", "PROXY": "10.0.0.1"},
        {"BIND": "localhost:80"},
        {"BIND": "127.8.9.1:80"},
        {"BIND": "[::1]:80"},
    ],
)
def test_where_it_may_be_bound(monkeypatch, given):
    for name, value in given.items():
        monkeypatch.setenv(f"LIANGYUN_{name}", value)
    read_settings().check_bind()


def test_a_share_of_the_network_is_no_home(monkeypatch, tmp_path):
    assert file_system(Path("/proc/self")) == "proc"
    monkeypatch.setattr(settings, "file_system", lambda path: "nfs4" if "remote" in str(path) else "ext4")
    read_settings().place()
    monkeypatch.setenv("LIANGYUN_DATABASE", f"sqlite:///{tmp_path}/remote/x.db")
    with pytest.raises(Refused, match="HOME-SHARED"):
        read_settings().place()
    monkeypatch.setenv("LIANGYUN_DATABASE", "postgresql+psycopg://h/remote")
    read_settings().place()
    monkeypatch.setenv("LIANGYUN_HOME", str(tmp_path / "remote"))
    with pytest.raises(Refused, match="HOME-SHARED"):
        read_settings().place()


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("smtp_password", "x", "******"),
        ("smtp_password", "", ""),
        ("database", "postgresql+psycopg://u:p@w/x@h:5432/db", "postgresql+psycopg://u:******@h:5432/db"),
        (
            "database",
            "postgresql+psycopg://u@h/db?user=u&password=p",
            "postgresql+psycopg://u@h/db?user=u&password=******",
        ),
        ("database", "sqlite:////srv/liangyun.db", "sqlite:////srv/liangyun.db"),
        ("home", "/srv/a:b@c", "/srv/a:b@c"),
    ],
)
def test_secrets_are_masked(field, value, shown):
    assert masked(field, value) == shown
