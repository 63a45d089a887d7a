"""`smartlic agent`: one product instance from the command line."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from smartlic.cli.common import (
    JsonFlag,
    PassphraseFile,
    QuietFlag,
    Reporter,
    local_stamp,
    passphrase,
    print_json,
    read_bytes,
    read_text,
    tell,
)
from smartlic.errors import InputError

app = typer.Typer(help="Drive the agent of one product instance.", no_args_is_help=True)

State = Annotated[
    Path, typer.Option("--state", "-s", envvar="SMARTLIC_AGENT", help="The agent's state folder.", show_default=True)
]
Gate = Annotated[str | None, typer.Option("--gate", help="The gate file to publish to, now and from now on.")]
DEFAULT_STATE = Path("agent")


def _open(state: Path, passphrase_file: Path | None, gate: str | None = None, **options: Any) -> Any:
    from smartlic.agent import Agent

    options.setdefault("create", False)
    agent = Agent.open(state, passphrase=passphrase(passphrase_file), **options)
    if gate is not None:
        agent.configure(gate=gate)
    return agent


def _look(state: Path, passphrase_file: Path | None) -> Any:
    """The agent as it is, without its lock and without a change: it may be running elsewhere."""
    from smartlic.agent import Agent

    return Agent.peek(state, passphrase=passphrase(passphrase_file))


def _report(agent: Any, reporter: Reporter, done: str) -> None:
    """What a command did, the manager's word on it, and what holds now."""
    explanation = agent.explain()
    failure, refusal = agent.last_failure, agent.last_refusal
    data = {
        "done": done,
        "mode": agent.mode,
        "limit_cps": agent.limit,
        "answer": explanation.answer,
        "calls_stop": explanation.calls_stop,
        "failure": None if failure is None else {"code": failure.code, "message": str(failure)},
        "refused": None if refusal is None else {"code": refusal.code, "message": _sentence(refusal.code)},
    }

    def text(console: Console) -> None:
        console.print(done)
        if failure is not None:
            console.print(f"[yellow]no answer yet[/]: {escape(str(failure))} \\[{failure.code}]")
        if refusal is not None:
            console.print(f"[red]refused by the manager[/]: {escape(_sentence(refusal.code))} \\[{refusal.code}]")
        console.print(f"[bold]{agent.mode}[/]: {explanation.answer}")

    reporter.outcome("agent", data, text)
    if refusal is not None:
        raise typer.Exit(1)


def _sentence(code: str) -> str:
    from smartlic._gate import error_table

    return next((str(row["sentence"]) for row in error_table() if row["code"] == code), code)


@app.command()
def enable(
    state: State = DEFAULT_STATE,
    product_id: Annotated[str, typer.Option("--pid", help="Product ID of the UDI.")] = "CUSP",
    serial: Annotated[str | None, typer.Option(help="Serial number; made up if not given (S12).")] = None,
    hostname: Annotated[str | None, typer.Option(help="Host name told to the manager.")] = None,
    algorithm: Annotated[str, typer.Option(help="ES256 or RS256.")] = "ES256",
    key: Annotated[
        Path | None, typer.Option(help="PEM file with the first private key, instead of a fresh one.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    gate: Gate = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Enable smart licensing; makes the agent on first use. The evaluation period starts to run (S1).

    Example: smartlic agent enable --state /var/lib/cusp/licence --serial 8F2K77Q1Z0C
    """
    agent = _open(
        state,
        passphrase_file,
        gate,
        create=True,
        product_id=product_id,
        serial=serial,
        hostname=hostname,
        algorithm=algorithm,
        key_pem=read_text(key) if key else None,
    )
    with agent:
        agent.enable()
        _report(agent, Reporter(as_json, quiet), "Smart licensing is enabled.")


@app.command()
def disable(
    state: State = DEFAULT_STATE,
    passphrase_file: PassphraseFile = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Disable smart licensing: the product rejects all calls, and nothing is sent (RULES E9).

    Example: smartlic agent disable
    """
    with _open(state, passphrase_file) as agent:
        agent.disable()
        _report(agent, Reporter(as_json, quiet), "Smart licensing is disabled.")


@app.command()
def register(
    trust: Annotated[Path, typer.Option(help="The manager's trust file, as `smartlic manager init` wrote it.")],
    token: Annotated[str, typer.Option(envvar="SMARTLIC_TOKEN", help="The registration token.")],
    url: Annotated[str | None, typer.Option(help="The manager's address: https://host:port")] = None,
    ca_file: Annotated[str | None, typer.Option(help="Further TLS roots (PEM), as of a proxy that ends TLS.")] = None,
    system_roots: Annotated[bool | None, typer.Option(help="Trust the operating system's TLS roots too.")] = None,
    proxy: Annotated[str | None, typer.Option(help="HTTP proxy: http://host:port")] = None,
    proxy_user: Annotated[str | None, typer.Option(help="User name at the proxy.")] = None,
    proxy_password: Annotated[str | None, typer.Option(envvar="SMARTLIC_PROXY_PASSWORD")] = None,
    state: State = DEFAULT_STATE,
    passphrase_file: PassphraseFile = None,
    gate: Gate = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Register with a manager: pins its trust file, proves the token, gets an ID certificate (S12, S13).

    Example: smartlic agent register --trust trust.json --token TOKEN --url https://licences.example:8443
    """
    content = read_bytes(trust)
    with _open(state, passphrase_file, gate) as agent:
        agent.configure(
            url=url,
            ca_file=ca_file,
            system_roots=system_roots,
            proxy=proxy,
            proxy_user=proxy_user,
            proxy_password=proxy_password,
        )
        agent.register(trust=content, token=token)
        registered = agent.status()["registered"]
        done = "Registered." if registered else "Not registered." if agent.last_refusal else "Registration is pending."
        _report(agent, Reporter(as_json, quiet), done)


@app.command()
def request(
    entitlements: Annotated[
        list[str] | None, typer.Argument(help="TAG=COUNT, for instance CUSP-5=2. None: release all.")
    ] = None,
    state: State = DEFAULT_STATE,
    passphrase_file: PassphraseFile = None,
    gate: Gate = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Request licences: what is given replaces the request of before, and nothing given releases all (RULES E9).

    Example: smartlic agent request CUSP-5=2
    """
    wanted = dict(_entitlement(text) for text in entitlements or [])
    with _open(state, passphrase_file, gate) as agent:
        agent.request(wanted)
        what = ", ".join(f"{count} x {tag}" for tag, count in wanted.items()) or "nothing; the usage is released"
        _report(agent, Reporter(as_json, quiet), f"Requested: {what}.")


def _entitlement(text: str) -> tuple[str, int]:
    tag, _, count = text.rpartition("=")
    if not tag or not count.isdecimal():
        raise InputError(f"'{text}' is not TAG=COUNT, as CUSP-5=2", "invalid_argument", "never")
    return tag, int(count)


@app.command()
def authorize(
    state: State = DEFAULT_STATE,
    passphrase_file: PassphraseFile = None,
    gate: Gate = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Ask the manager for a new authorization now instead of at the next regular time.

    Example: smartlic agent authorize
    """
    with _open(state, passphrase_file, gate) as agent:
        agent.authorize()
        _report(agent, Reporter(as_json, quiet), "Asked for an authorization.")


@app.command()
def renew(
    state: State = DEFAULT_STATE,
    passphrase_file: PassphraseFile = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Renew the ID certificate now; by itself that happens at half its life (RULES E7).

    Example: smartlic agent renew
    """
    with _open(state, passphrase_file) as agent:
        agent.renew()
        _report(agent, Reporter(as_json, quiet), "Asked for a new ID certificate.")


@app.command()
def deregister(
    state: State = DEFAULT_STATE,
    passphrase_file: PassphraseFile = None,
    gate: Gate = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Give the registration and its licences back.

    Example: smartlic agent deregister
    """
    with _open(state, passphrase_file, gate) as agent:
        agent.deregister()
        done = "Deregistered." if not agent.status()["registered"] else "Deregistration is pending."
        _report(agent, Reporter(as_json, quiet), done)


@app.command("export-request")
def export_request(
    file: Annotated[Path, typer.Argument(help="Where the request goes; carry it to `smartlic manager answer`.")],
    state: State = DEFAULT_STATE,
    passphrase_file: PassphraseFile = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Write the request that is most needed to a file, for a device without a network (RULES M12).

    Example: smartlic agent export-request request.jose
    """
    from smartlic._gate import write_file_atomic

    with _open(state, passphrase_file) as agent:
        write_file_atomic(file, agent.export_request())
        _report(agent, Reporter(as_json, quiet), f"Wrote {file}; its answer is good for 30 days.")


@app.command("import-answer")
def import_answer(
    file: Annotated[Path, typer.Argument(help="The answer, as `smartlic manager answer` wrote it.")],
    state: State = DEFAULT_STATE,
    passphrase_file: PassphraseFile = None,
    gate: Gate = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Take in the answer to an exported request (RULES M12).

    Example: smartlic agent import-answer answer.jose
    """
    content = read_bytes(file)
    with _open(state, passphrase_file, gate) as agent:
        agent.import_answer(content)
        _report(agent, Reporter(as_json, quiet), "The answer was taken in.")


@app.command()
def run(
    state: State = DEFAULT_STATE,
    passphrase_file: PassphraseFile = None,
    gate: Gate = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Stay and do what falls due: ask, renew, retry. One line an event; Ctrl-C or SIGTERM ends it.

    Example: smartlic agent run --state /var/lib/cusp/licence --gate /run/cusp/gate
    """
    import signal
    import threading

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    console = Reporter(as_json, quiet).console

    def tell(event: Any) -> None:
        if as_json:
            print_json("event", event.to_dict(), indent=None)
        else:
            console.print(f"{local_stamp(event.at)}  {escape(_told(event))}")

    with _open(state, passphrase_file, gate) as agent:
        agent.on_event(tell)
        agent.clock.stop = stop
        console.print(f"Running. {escape(agent.explain().answer)}")
        sys.stdout.flush()
        agent.run(until=stop.is_set)


def _told(event: Any) -> str:
    facts = [f"{name} {value}" for name, value in event.to_dict().items() if name not in ("kind", "at")]
    return ": ".join([event.kind.replace("_", " "), *([", ".join(facts)] if facts else [])])


@app.command()
def status(
    state: State = DEFAULT_STATE,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 0 ok, 1 warning, 2 calls blocked, 3 unknown; one line.")
    ] = False,
    passphrase_file: PassphraseFile = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Say what state this is, why, since when, what comes next, and what to do. May be called while the agent runs.

    Examples: smartlic agent status; smartlic agent status --check (cron, Nagios); smartlic agent status --json
    """
    with _look(state, passphrase_file) as agent:
        explanation = agent.explain()
        data = {
            "answer": explanation.answer,
            "lines": explanation.lines,
            "advice": explanation.advice,
            "level": explanation.level,
            "calls_stop": explanation.calls_stop,
            **agent.status(),
        }

        def text(console: Console) -> None:
            tell(console, explanation, check=check)
            if not check:
                console.print(_facts(agent.status()))

        Reporter(as_json, quiet).outcome("agent-status", data, text)
    if check:
        raise typer.Exit(explanation.level)


def _facts(status: dict[str, Any]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in status.items():
        if name == "recent" or value in (None, [], {}):
            continue
        table.add_row(name.replace("_", " "), escape(_plain(value)))
    return table


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return local_stamp(value)
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_plain(each)}" for name, each in value.items() if each is not None)
    if isinstance(value, (list, tuple)):
        return "; ".join(_plain(each) for each in value)
    return str(value)
