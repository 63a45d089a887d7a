"""What a driver needs of a world: its clock, and its manager as a transport."""

from __future__ import annotations

from datetime import datetime, timedelta

from core_world import World
from smartlic._gate import Now
from smartlic.agent import NoAnswer


class Line:
    """The world's clock, and its manager as a transport."""

    def __init__(self, world: World) -> None:
        self.world = world

    def now(self) -> Now:
        return self.world.now()

    def wait(self, length: timedelta) -> None:
        self.world.wall += length

    def exchange(self, request: bytes, licensing_time: datetime) -> bytes:
        if not self.world.online:
            raise NoAnswer("unreachable", "the cable is out")
        status, body = self.world.ledger.serve(self.world.manager, request, now=self.world.wall)
        assert status == 200
        return body
