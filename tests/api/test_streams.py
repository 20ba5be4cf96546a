"""What is printed survives any code page."""

from __future__ import annotations

import codecs
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api import streams

FOLDER = Path(__file__).parents[1] / "engine/folder/written-by-0.1.0/small"


def explained(encoding: str, *more: str) -> bytes:
    command = [sys.executable, "-m", "api.cli", "explain", str(FOLDER), "T1", *more]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": encoding})
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("encoding", ["gbk", "cp936"])
def test_explain_into_a_gbk_pipe_says_its_minus_sign(encoding: str) -> None:
    plain = explained("utf-8").decode("utf-8")
    assert "−" in plain
    assert explained(encoding).decode("gbk") == plain.replace("−", "-")


def test_json_into_a_narrow_pipe_is_the_same_json() -> None:
    plain = explained("utf-8", "--json")
    narrow = explained("ascii:strict", "--json")
    assert b"\\u" in narrow
    assert json.loads(narrow) == json.loads(plain.replace("−".encode(), b"-"))


@pytest.mark.parametrize(
    ("encoding", "text", "said"),
    [
        ("gbk", "−5.00 ≥ ①", b"-5.00 \xa1\xdd \xa2\xd9"),
        ("gbk", "𠮷", b"\\ud842\\udfb7"),
        ("ascii", "①m²", b"\\u2460m2"),
        ("utf-8", "a\udc80", b"a\\udc80"),
    ],
)
def test_what_cannot_be_said_becomes_the_plain_sign_or_its_number(encoding: str, text: str, said: bytes) -> None:
    codecs.register_error("liangyun", streams._said)
    assert text.encode(encoding, "liangyun") == said


def test_only_what_cannot_be_written_is_said_otherwise() -> None:
    codecs.register_error("liangyun", streams._said)
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", "liangyun")
