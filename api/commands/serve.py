"""`liangyun serve`: the server, and one worker beside it."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from types import FrameType

import uvicorn

from api.commands.service_log import write_lines
from api.http.app import create_app, let_go
from api.http.settings import MB, HttpSettings
from domain.problems import Refused
from engine.printing.system import tell_to_stop
from engine.workflow.operations import opened
from engine.workflow.settings import Settings, read_settings

_log = logging.getLogger(__name__)
STREAMS = 3
"""Seconds that answers under way get once the server is told to stop; open streams are ended then."""
WORKER = 8.5
"""Seconds that the worker gets; it gives its job back before."""
PAUSE = 1.0
"""Seconds before a worker that died is started again."""
_WHY = {
    errno.EADDRINUSE: "已被别的程序占用, 或服务已在运行",
    errno.EADDRNOTAVAIL: "不是本机的地址",
    errno.EACCES: "没有权限, 1024 以下的端口要 root",
}


def serve() -> None:
    """Serve until told to stop. Raises Refused before anything is served."""
    settings = read_settings()
    settings.check_bind()
    settings.check_tls()
    write_lines()
    with opened() as store, _listening(settings) as listening:
        more = HttpSettings(upload_bytes=settings.upload_mb * MB, webhook_hosts=settings.webhook_hosts)
        app = create_app(store, more)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.proxy),
            forwarded_allow_ips=list(settings.proxy),
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
            timeout_graceful_shutdown=STREAMS,
        )
        beside = _Beside()
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_: None)  # the server raises what it caught once more when it has ended
        try:
            _Server(config, beside, settings, lambda: let_go(app)).run(sockets=[listening])
        finally:
            beside.stop()
            beside.wait()


class _Server(uvicorn.Server):
    """Tells its worker and those who wait to stop when it is told to, and says when it is there."""

    def __init__(self, config: uvicorn.Config, beside: _Beside, settings: Settings, let_go: Callable[[], None]) -> None:
        super().__init__(config)
        self.beside, self.settings, self.let_go = beside, settings, let_go

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.beside.start()
            scheme = "https" if self.settings.tls_cert else "http"
            sys.stdout.write(f"服务在 {scheme}://{self.settings.bind}\n")
            sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.beside.stop()
        self.let_go()
        super().handle_exit(sig, frame)


class _Beside:
    """A worker in a process of its own, started again when it dies; it ends with this process, however that ends."""

    def __init__(self) -> None:
        self._stop = Event()
        self._thread = Thread(target=self._watch, name="beside", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Tell the worker to end. Waits for nothing: called by a signal."""
        self._stop.set()

    def wait(self) -> None:
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._stop.is_set():
            command = [sys.executable, "-m", "api.cli", "work", "--beside"]
            with subprocess.Popen(command, stdin=subprocess.PIPE) as worker:  # noqa: S603  (this program)
                while worker.poll() is None and not self._stop.wait(0.1):
                    pass
                if self._stop.is_set():
                    tell_to_stop(worker)
                    _ended(worker)
            if not self._stop.is_set():
                _log.warning("worker ended unexpectedly, code %s; started again", worker.returncode)
            self._stop.wait(PAUSE)


def _ended(worker: subprocess.Popen[bytes]) -> None:
    try:
        worker.wait(WORKER)
    except subprocess.TimeoutExpired:
        worker.kill()


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """The socket. Raises Refused (BIND-BUSY) where the address is not to be had."""
    host, port = settings.address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        made = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        why = _WHY.get(error.errno or 0, f"错误 {error.errno}")
        raise Refused(f"不能使用 {settings.bind} ({why}): 换一个 LIANGYUN_BIND (BIND-BUSY)") from error
    with made:
        yield made
