"""Several products and their manager, driven from one script: deploy, license, register, watch, buy more.

Run it as it is: everything lives in a temporary folder, and the manager listens on a free port of this machine.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import smartlic as sl
from smartlic.manager.service import Service

PRODUCTS = 5


@contextmanager
def serving(manager: sl.Manager) -> Iterator[str]:
    """The manager answers devices over HTTPS while the block runs; gives its address."""
    service = Service(manager, port=0)  # 0: a free port
    started = threading.Event()
    thread = threading.Thread(target=service.run, args=(started.set,), kwargs={"signals": False})
    thread.start()
    started.wait()
    try:
        yield service.url
    finally:
        service.stop()
        thread.join()


def show(title: str, manager: sl.Manager, agents: list[sl.Agent]) -> None:
    """The inventory (purchased, in use, balance) and each product's mode."""
    print(f"\n{title}")
    for row in manager.inventory():
        alert = "  ALERT: too few" if row.balance < 0 else ""
        print(f"  {row.short_name}: {row.purchased} purchased, {row.in_use} in use, balance {row.balance}{alert}")
    for agent in agents:
        print(f"  {agent.status()['hostname']}: {agent.mode}, {agent.limit} calls per second")


def main(folder: Path) -> None:
    """The whole story in one folder."""
    manager, _authority = sl.Manager.init(folder / "manager.db")  # keep the authority's root key offline
    with ExitStack() as stack:
        stack.enter_context(manager)
        manager.purchase("CUSP-5", 2 * PRODUCTS)
        token = manager.create_token(max_uses=PRODUCTS)  # one token may deploy them all
        url = stack.enter_context(serving(manager))

        agents = []
        for number in range(1, PRODUCTS + 1):
            agent = stack.enter_context(sl.Agent.open(folder / f"proxy-{number}", hostname=f"proxy-{number}"))
            agent.enable()
            agent.configure(url=url)
            agent.register(trust=manager.trust_file, token=token)
            agent.request({"CUSP-5": 2})
            if agent.last_failure:  # a manager out of reach is no exception: the agent would go on trying
                raise SystemExit(f"proxy-{number}: {agent.last_failure}")
            agents.append(agent)
        show("All registered, two licences each:", manager, agents)

        agents[0].request({"CUSP-5": 4})  # honoured all the same (S3); the others learn it at their next request
        for agent in agents:
            agent.authorize()
        show("One product asks for more than is left:", manager, agents)

        manager.purchase("CUSP-5", 2)
        for agent in agents:
            agent.authorize()
        show("Two more purchased:", manager, agents)
        print(f"\n{agents[0].explain().answer}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="smartlic-orchestrate-") as temporary:
        main(Path(temporary))
