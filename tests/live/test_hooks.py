"""What a hook is given, how long it may take, and what of its answer counts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.errors import Misconfigured
from gateway.worker import hooks
from gateway.worker.hooks import CommandHook, Outcome, UrlHook
from tests.live.receiver import gone, program, serving


def test_program_that_takes_too_long_is_ended_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "COMMAND_S", 0.5)
    begun = tmp_path / "begun"
    script = program(tmp_path, "sleep 600 &", f"echo $! > {begun}", "wait")

    outcome = asyncio.run(CommandHook([str(script)]).tell(b"{}"))

    assert outcome == Outcome(done=False, code="too-slow")
    gone(int(begun.read_text()))


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        (["cat > /dev/null"], Outcome(done=True)),
        (["exit 0"], Outcome(done=True)),
        (["echo many words; echo more >&2; exit 3"], Outcome(done=False, status=3, code="failed")),
        (["kill -9 $$"], Outcome(done=False, status=-9, code="failed")),
    ],
)
def test_only_the_exit_code_of_a_program_is_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], lines: list[str], outcome: Outcome
) -> None:
    found = asyncio.run(CommandHook([str(program(tmp_path, *lines))]).tell(b"x" * 1_000))

    assert found == outcome
    assert capfd.readouterr() == ("", "")


def test_program_that_is_not_there_is_a_failure_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("no program")

    for name in ("nothing", "plain"):
        assert asyncio.run(CommandHook([str(tmp_path / name)]).tell(b"{}")) == Outcome(
            done=False, code="not-started"
        )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_url_of_this_machine_is_reached(host: str) -> None:
    with serving(201) as server:
        outcome = asyncio.run(UrlHook(f"http://{host}:{server.port}").tell(b"{}"))

        assert outcome == Outcome(done=True, status=201)
        assert server.got == [("/", "application/json", b"{}")]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500])
def test_any_other_status_is_no_success_and_a_redirect_is_not_followed(status: int) -> None:
    with serving(status, 200) as server:
        outcome = asyncio.run(UrlHook(server.url).tell(b"{}"))

        assert outcome == Outcome(done=False, status=status, code="failed")
        assert len(server.got) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "failed"),
        (b"SSH-2.0-x\r\n", "failed"),
        (b"HTTP/1.1 2000 x\r\n", "failed"),
        (b"x" * 70_000, "not-reached"),
    ],
)
def test_server_that_speaks_something_else_is_a_failure(answer: bytes, code: str) -> None:
    assert asyncio.run(_told_by(answer)) == Outcome(done=False, code=code)


def test_server_that_says_nothing_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "URL_S", 0.2)

    assert asyncio.run(_told_by(None)) == Outcome(done=False, code="too-slow")


async def _told_by(answer: bytes | None) -> Outcome:
    """Return what comes of telling a server that answers so, or holds the line and says nothing."""
    over = asyncio.Event()

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        if answer is None:
            await over.wait()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(answering, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    outcome = await UrlHook(f"http://127.0.0.1:{port}/").tell(b"{}")
    over.set()
    server.close()
    return outcome


def test_port_that_nobody_listens_on_is_a_failure() -> None:
    with serving() as server:
        free = server.port

    assert asyncio.run(UrlHook(f"http://localhost:{free}").tell(b"{}")) == Outcome(
        done=False, code="not-reached"
    )


def test_hook_for_another_machine_is_not_made() -> None:
    with pytest.raises(Misconfigured):
        UrlHook("http://127.0.0.1.example.org/")
