"""`smartlic manager`: what a vendor or operator runs opposite the agents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from smartlic.cli.common import JsonFlag, QuietFlag, Reporter, local_stamp, read_bytes
from smartlic.errors import InputError, SmartlicError
from smartlic.times import duration, instant

app = typer.Typer(
    help="Run a manager and administer its accounts, licences, tokens and instances.", no_args_is_help=True
)

Database = Annotated[
    str, typer.Option("--database", "-d", envvar="SMARTLIC_DATABASE", help="The ledger: a file or an SQLAlchemy URL.")
]
Account = Annotated[str, typer.Option("--account", "-a", help="The virtual account.")]
DEFAULT_DATABASE = "manager.db"


def _open(database: str) -> Any:
    from smartlic.manager import Manager

    return Manager.open(database)


def _table(columns: list[str], rows: list[list[object]], empty: str) -> Callable[[Console], None]:
    def show(console: Console) -> None:
        if not rows:
            console.print(empty)
            return
        table = Table(*columns, box=None, pad_edge=False)
        for row in rows:
            table.add_row(*("" if value is None else escape(str(value)) for value in row))
        console.print(table)

    return show


def _time(value: Any) -> str:
    return "never" if value is None else local_stamp(value)


@app.command()
def init(
    database: Database = DEFAULT_DATABASE,
    trust: Annotated[Path, typer.Option(help="Where the trust file for agents goes.")] = Path("trust.json"),
    root_key: Annotated[Path, typer.Option(help="Where the root's key goes; keep it offline.")] = Path("root-key.pem"),
    name: Annotated[
        list[str] | None, typer.Option(help="Host name or address of the server, for TLS; repeatable.")
    ] = None,
    logical_account: Annotated[str, typer.Option(help="Its hash is in every ID certificate (S14).")] = "default",
    algorithm: Annotated[str, typer.Option(help="ES256 or RS256.")] = "ES256",
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Make a manager: its root, signing and TLS certificates, and an empty ledger.

    Example: smartlic manager init --name licences.example --name 192.0.2.7
    """
    from smartlic._gate import create_file_atomic
    from smartlic.manager import Manager
    from smartlic.manager.sql_ledger import sqlite_file

    if trust == root_key:
        raise InputError("the trust file and the root's key need different files", "invalid_argument", "never")
    for path in (trust, root_key):
        if path.exists():
            raise InputError(f"{path} exists already and was not overwritten", "already_exists", "after_change")
    manager, authority = Manager.init(
        database, logical_account=logical_account, algorithm=algorithm, tls_names=name or ["localhost", "127.0.0.1"]
    )
    with manager:
        try:
            create_file_atomic(root_key, (authority.root.certificate.pem + authority.root.key.to_pem()).encode())
            create_file_atomic(trust, manager.trust_file, mode=0o644)
        except SmartlicError:
            # A manager whose root key is nowhere is of no use.
            root_key.unlink(missing_ok=True)
            if file := sqlite_file(database):
                for each in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
                    each.unlink(missing_ok=True)
            raise
        data = {"manager": str(manager.core.identity.manager), "database": database, "trust": str(trust)}

    def text(console: Console) -> None:
        console.print(f"Manager {data['manager']} is ready.")
        console.print(f"  {trust}: give it to every agent (it is public)")
        console.print(f"  {root_key}: keep it offline; serving does not need it")
        console.print(f"  {database}: the ledger, as secret as the signing key in it")
        console.print("Next: smartlic manager license CUSP-5 2; smartlic manager token; smartlic manager serve")

    Reporter(as_json, quiet).outcome("manager-init", data, text)


@app.command()
def serve(
    database: Database = DEFAULT_DATABASE,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8443,
    tls: Annotated[bool, typer.Option(help="HTTPS by the manager's own root; messages are signed either way.")] = True,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Answer devices until Ctrl-C or SIGTERM. The root's key is not needed.

    Example: smartlic manager serve --host 0.0.0.0 --port 8443
    """
    from smartlic.manager.service import Service

    reporter = Reporter(as_json, quiet)
    with _open(database) as manager:
        if manager.rotation_due():
            reporter.console.print(
                "[yellow]The signing certificate is due:[/] smartlic manager rotate --root-key FILE (M6)"
            )
        service = Service(manager, host=host, port=port, tls=tls)

        def started() -> None:
            sentence = f"Serving devices at {service.url}; Ctrl-C ends it."
            reporter.outcome("serving", {"url": service.url}, lambda console: console.print(sentence))

        service.run(started)


@app.command()
def rotate(
    root_key: Annotated[Path, typer.Option(help="The root's key, as `init` wrote it.")] = Path("root-key.pem"),
    name: Annotated[list[str] | None, typer.Option(help="Host name or address for TLS; repeatable.")] = None,
    database: Database = DEFAULT_DATABASE,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Issue a new signing and a new TLS certificate, as `serve` asks for when two ID lifetimes are left (RULES M6).

    Example: smartlic manager rotate --root-key /media/safe/root-key.pem --name licences.example
    """
    from smartlic._gate import read_file

    with _open(database) as manager:
        manager.rotate(read_file(root_key, limit=65536).decode(), tls_names=name or ["localhost", "127.0.0.1"])
        serial = manager.core.identity.signing.certificate.serial
    done = f"Signing certificate {serial} is in use; restart `serve` for the new TLS certificate."
    Reporter(as_json, quiet).outcome("manager-rotate", {"serial": serial}, lambda console: console.print(done))


@app.command()
def policy(
    late_renewal: Annotated[
        str | None, typer.Option(help="How long after its end an ID certificate may still be renewed: 5d; 0s: never.")
    ] = None,
    forks: Annotated[str | None, typer.Option(help="What clones and restored snapshots get: serve or refuse.")] = None,
    database: Database = DEFAULT_DATABASE,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Show what this manager allows, or change it (RULES E7, M11).

    Example: smartlic manager policy --late-renewal 5d --forks refuse
    """
    if forks not in (None, "serve", "refuse"):
        raise InputError(f"--forks is serve or refuse, not '{forks}'", "invalid_argument", "never")
    with _open(database) as manager:
        manager.set_policy(
            late_renewal=None if late_renewal is None else duration(late_renewal),
            refuse_forks=None if forks is None else forks == "refuse",
        )
        names = ("certificate", "renew_interval", "retry_in_compliance", "retry_out_of_compliance", "late_renewal")
        data = {name: getattr(manager.policy, name) for name in names}
        data["forks"] = "refuse" if manager.policy.refuse_forks else "serve"
    rows: list[list[object]] = [[name.replace("_", " "), value] for name, value in data.items()]
    Reporter(as_json, quiet).outcome("manager-policy", data, _table(["", ""], rows, ""))


@app.command()
def account(
    create: Annotated[str | None, typer.Argument(help="The name of a new virtual account.")] = None,
    database: Database = DEFAULT_DATABASE,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """List the virtual accounts, or make one.

    Example: smartlic manager account emea
    """
    with _open(database) as manager:
        if create is not None:
            manager.add_account(create)
        names = manager.accounts()
    show = _table(["virtual account"], [[each] for each in names], "no virtual accounts")
    Reporter(as_json, quiet).outcome("accounts", {"accounts": names}, show)


@app.command("license")
def license_(
    tag: Annotated[str, typer.Argument(help="Short name or whole tag, for instance CUSP-5.")],
    count: Annotated[int, typer.Argument(help="How many are purchased.")] = 0,
    account: Account = "default",
    start: Annotated[str | None, typer.Option(help="Valid from this time; now if not given.")] = None,
    end: Annotated[str | None, typer.Option(help="Valid until this time; perpetual if not given.")] = None,
    block: Annotated[
        bool | None, typer.Option("--block/--unblock", help="Deny the tag in the account, or no longer.")
    ] = None,
    database: Database = DEFAULT_DATABASE,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Add purchased licences to a virtual account, or deny a tag in it.

    Examples: smartlic manager license CUSP-5 2; smartlic manager license CUSP-5 --block --account emea
    """
    if (block is None) == (count == 0):
        raise InputError("say how many are purchased, or --block or --unblock", "invalid_argument", "never")
    with _open(database) as manager:
        if block is None:
            manager.purchase(
                tag, count, account=account, start=instant(start) if start else None, end=instant(end) if end else None
            )
        else:
            manager.set_blocked(tag, block, account=account)
        rows = [row.to_dict() for row in manager.inventory(account)]
    Reporter(as_json, quiet).outcome("inventory", {"inventory": rows}, _inventory_table(rows))


@app.command()
def token(
    account: Account = "default",
    uses: Annotated[int, typer.Option(help="How many devices may register with it.")] = 1,
    expires: Annotated[str, typer.Option(help="After this time (30d), or at it (2026-12-31), or never.")] = "30d",
    revoke: Annotated[str | None, typer.Option(help="End the token with this ID instead.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the tokens instead.")] = False,
    database: Database = DEFAULT_DATABASE,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Make a registration token and print it, this once (RULES P3); or list or revoke tokens.

    Example: smartlic manager token --account emea --uses 20 --expires 7d
    """
    reporter = Reporter(as_json, quiet)
    with _open(database) as manager:
        if revoke is not None:
            manager.revoke_token(revoke)
            reporter.outcome("token", {"revoked": revoke}, lambda console: console.print(f"Revoked {revoke}."))
        elif list_:
            rows = manager.tokens()
            cells = [
                [
                    r["id"],
                    r["account"],
                    f"{r['uses']} of {r['max_uses']}",
                    _time(r["expires"]),
                    "revoked" if r["revoked"] else "",
                ]
                for r in rows
            ]
            show = _table(["token", "virtual account", "uses", "expires", ""], cells, "no tokens")
            reporter.outcome("tokens", {"tokens": rows}, show)
        else:
            text = manager.create_token(account=account, expires=_expiry(expires, manager.clock()), max_uses=uses)
            # The text alone on its line, so that a script can take it.
            reporter.outcome("token", {"token": text}, lambda console: console.print(text))


def _expiry(text: str, now: Any) -> Any:
    if text == "never":
        return None
    return instant(text) if text[:4].isdigit() and "-" in text else now + duration(text)


@app.command()
def instances(
    instance: Annotated[str | None, typer.Argument(help="Act on this product instance.")] = None,
    remove: Annotated[bool, typer.Option(help="Take it out of service; it is told so.")] = False,
    revoke: Annotated[bool, typer.Option(help="Revoke its certificate.")] = False,
    refuse_copies: Annotated[
        bool | None, typer.Option("--refuse-copies/--serve-copies", help="What to do with forks (M11).")
    ] = None,
    clear_suspicion: Annotated[bool, typer.Option(help="The fork has been dealt with.")] = False,
    account: Annotated[str | None, typer.Option("--account", "-a", help="Only this virtual account.")] = None,
    database: Database = DEFAULT_DATABASE,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """List the product instances, or act on one.

    Example: smartlic manager instances 6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b --remove
    """
    commands = [
        name
        for name, wanted in (("remove", remove), ("revoke-certificate", revoke), ("clear-suspicion", clear_suspicion))
        if wanted
    ]
    if refuse_copies is not None:
        commands.append("refuse-copies" if refuse_copies else "serve-copies")
    if bool(commands) != bool(instance):
        raise InputError("name an instance and what to do with it, or neither", "invalid_argument", "never")
    with _open(database) as manager:
        for command in commands:
            manager.administer(instance, command)
        rows = manager.instances(account)
    cells = [
        [
            row["instance"],
            row["status"],
            row["udi"],
            row["hostname"],
            row["account"],
            ", ".join(f"{count} x {tag.split(',')[0]}" for tag, count in row["usage"].items()),
            row["compliance_status"] if row["usage"] else "",
            _time(row["last_seen"]),
            "fork suspected" if row["fork_suspected"] else "",
        ]
        for row in rows
    ]
    columns = ["instance", "status", "UDI", "host", "account", "in use", "compliance", "last seen", ""]
    Reporter(as_json, quiet).outcome("instances", {"instances": rows}, _table(columns, cells, "no product instances"))


@app.command()
def inventory(
    account: Annotated[str | None, typer.Option("--account", "-a", help="Only this virtual account.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 if a balance is below zero.")] = False,
    database: Database = DEFAULT_DATABASE,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Purchased, in use and balance per tag; an alert where the balance is below zero (F6).

    Example: smartlic manager inventory --check
    """
    with _open(database) as manager:
        rows = [row.to_dict() for row in manager.inventory(account)]
    Reporter(as_json, quiet).outcome("inventory", {"inventory": rows}, _inventory_table(rows))
    if check and any(row["alert"] for row in rows):
        raise typer.Exit(1)


def _inventory_table(rows: list[dict[str, Any]]) -> Callable[[Console], None]:
    cells: list[list[object]] = [
        [
            r["account"],
            r["short_name"],
            r["purchased"],
            r["in_use"],
            r["balance"],
            "ALERT: too few" if r["alert"] else "",
        ]
        for r in rows
    ]
    return _table(["account", "tag", "purchased", "in use", "balance", ""], cells, "nothing purchased, nothing in use")


@app.command()
def events(
    verify: Annotated[bool, typer.Option("--verify", help="Check the chain and say what that proves.")] = False,
    checkpoint: Annotated[Path | None, typer.Option(help="Write a signed checkpoint to this file.")] = None,
    against: Annotated[list[Path] | None, typer.Option(help="With --verify: checkpoints kept elsewhere.")] = None,
    after: Annotated[int, typer.Option(help="Only events after this sequence number.")] = 0,
    database: Database = DEFAULT_DATABASE,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Administrative and security events, as a hash chain (RULES P4).

    Example: smartlic manager events --verify --against checkpoint.jose
    """
    from smartlic._gate import write_file_atomic

    reporter = Reporter(as_json, quiet)
    with _open(database) as manager:
        if checkpoint is not None:
            write_file_atomic(checkpoint, manager.checkpoint(), mode=0o644)
            reporter.outcome(
                "checkpoint", {"file": str(checkpoint)}, lambda c: c.print(f"Wrote {checkpoint}; keep it elsewhere.")
            )
            return
        if verify:
            report = manager.verify_events([read_bytes(path) for path in against or []])
            data = {"intact": report.intact, "first_bad": report.first_bad, "sentence": report.sentence}
            reporter.outcome("events-verified", data, lambda console: console.print(escape(report.sentence)))
            raise typer.Exit(0 if report.intact else 2)
        rows = manager.events(after=after)
    data_rows = [
        {"sequence": e.sequence, "at": e.at, "kind": e.kind, "subject": e.subject, "text": e.text} for e in rows
    ]
    cells: list[list[object]] = [[e.sequence, local_stamp(e.at), e.kind, e.subject, e.text] for e in rows]
    reporter.outcome(
        "events", {"events": data_rows}, _table(["#", "time", "kind", "about", "what"], cells, "no events")
    )


@app.command()
def answer(
    request: Annotated[Path, typer.Argument(help="A request, as `smartlic agent export-request` wrote it.")],
    file: Annotated[Path, typer.Argument(help="Where the answer goes.")],
    database: Database = DEFAULT_DATABASE,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Answer an exported request, for a device without a network (RULES M12).

    Example: smartlic manager answer request.jose answer.jose
    """
    from smartlic._gate import read_file, write_file_atomic

    with _open(database) as manager:
        write_file_atomic(file, manager.answer(read_file(request, limit=1 << 20)), mode=0o644)
    Reporter(as_json, quiet).outcome(
        "manager-answer", {"file": str(file)}, lambda console: console.print(f"Wrote {file}; import it on the device.")
    )
