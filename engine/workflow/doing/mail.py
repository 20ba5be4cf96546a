"""A notice as a mail: what kind of thing waits, and where; nothing of the thing itself."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

from engine.storage.desk import Desk, Store, open_desk, program
from engine.storage.tables.people import Notice, User
from engine.storage.tables.work import Job
from engine.workflow.doing import Commit, Report
from engine.workflow.notices import TITLES
from engine.workflow.settings import Settings, read_settings

PAUSES = (60, 600, 3600, 14_400)
SECONDS = 20
"""How long the server may take."""


def work(store: Store, job: Job, report: Report) -> Commit:
    """Send it, where there is a server and still somebody to send it to. Raises OSError, SMTPException."""
    report(0, 1)
    settings = read_settings()
    with open_desk(store, program("worker"), writes=False) as desk:
        notice = desk.get(Notice, int(dict(job.args or {})["notice"]))
        user = desk.get(User, notice.user) if notice is not None and notice.user else None
    wanted = bool(settings.smtp_host and notice and user and user.mail and not user.disabled)
    if wanted and notice is not None and user is not None:
        send(settings, message(settings, user.mail, notice, job.id or 0, store.origin))

    def commit(_: Desk) -> Mapping[str, Any]:
        return {"sent": wanted}

    return commit


def message(settings: Settings, to: str, notice: Notice, number: int, origin: str) -> EmailMessage:
    """The mail; sent again after a fault it has the same id, so that whoever shows it shows it once."""
    mail = EmailMessage()
    title = TITLES.get(notice.kind, notice.kind)
    mail["From"], mail["To"] = settings.smtp_from, to
    mail["Subject"] = f"两允: {title}"
    mail["Message-ID"] = f"<{number}.{origin}@liangyun>"
    mail.set_content(f"{title} ({notice.subject})。\n请登录两允查看, 邮件里没有业务数据。\n")
    return mail


def send(settings: Settings, mail: EmailMessage) -> None:
    """Hand it to the server of the settings. Raises OSError, SMTPException."""
    secure = ssl.create_default_context()
    if settings.smtp_tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=SECONDS, context=secure)
    else:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SECONDS)
    with server:
        if settings.smtp_tls == "starttls":
            server.starttls(context=secure)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        server.send_message(mail)
