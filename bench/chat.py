"""How fast a stored message reaches K sockets, beside a bare server in the same run.

    python bench/chat.py [--sockets 10 100 500 1000] [--seconds 10] [--idle 500] [--storm 1000]

Ours: the application as `up` runs it; messages are posted (a) by the service in a process of its own, as a worker
does, and (b) over HTTP to the web process, as pages do. The floor: `websockets` + redis pub/sub + psycopg, where a
message comes in over the socket, is inserted and committed, published and sent to all. Each stores every message
before it is sent. The rates are 100, 30, 6 and 4 messages a second for 10, 100, 500 and 1,000 sockets.

Prints, for each: latency from sending to each socket (p50, p99), CPU microseconds of the server's Python processes
per delivery, the ratios to the floor, and the web process's own share of that CPU; for ours also the memory of an
idle socket, and how long it takes until a storm of clients that all come back at once has everything they missed.
PostgreSQL and Redis serve both sides and are not counted.
"""

import argparse
import asyncio
import http.client
import json
import os
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django
import psutil

HERE = Path(__file__).resolve()
ROOT = HERE.parent.parent
sys.path[0] = str(ROOT)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")
django.setup()

import psycopg_pool
import redis.asyncio
from django.conf import settings
from django.db import connection
from django.test import Client
from websockets.asyncio.client import connect
from websockets.asyncio.server import broadcast, serve

from accounts import services as people
from accounts.models import User
from chat import services
from chat.models import Room
from config.embedded import hold
from lib import clock
from tests.live import database_url, free_port, stop, wait_until_up

DATABASE = "zanjar_bench_chat"
PEOPLE = 20
# Messages a second for so many sockets.
RATES = {10: 100.0, 100: 30.0, 500: 6.0, 1000: 4.0}
MISSED = 50
MARK = "sent="
BODY = "The price on the order was 9.20, the invoice says 9.80. "


# --- the floor ------------------------------------------------------------------------------------
async def floor(port: int) -> None:
    """A bare server: insert, commit, publish, send to everybody."""
    sockets: set[Any] = set()
    bus = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_timeout=None)
    channel = f"bench:{secrets.token_hex(4)}"
    async with psycopg_pool.AsyncConnectionPool(database_url(), min_size=4, max_size=4) as pool:
        async with pool.connection() as first:
            await first.execute(
                "CREATE TABLE IF NOT EXISTS bench_message (id bigserial PRIMARY KEY, room int, body text)"
            )

        async def hear() -> None:
            async with bus.pubsub() as ear:
                await ear.subscribe(channel)
                async for message in ear.listen():
                    if message["type"] == "message":
                        broadcast(sockets, message["data"].decode())

        async def handle(socket: Any) -> None:
            sockets.add(socket)
            try:
                async for text in socket:
                    body = json.loads(text)["body"]
                    async with pool.connection() as link:
                        row = await link.execute(
                            "INSERT INTO bench_message (room, body) VALUES (1, %s) RETURNING id", [body]
                        )
                        number = (await row.fetchone() or [0])[0]
                    await bus.publish(channel, json.dumps({"type": "message", "seq": number, "body": body}))
            finally:
                sockets.discard(socket)

        async with serve(handle, "127.0.0.1", port, compression=None):
            await hear()


def post_lines(room: int, user: int) -> None:
    """Reads moments to send at (monotonic seconds, one a line) and posts a message at each, by the service."""
    by, place = User.objects.get(pk=user), Room(pk=room)
    for line in sys.stdin:
        time.sleep(max(0.0, float(line) - time.monotonic()))
        body = f"{BODY}{MARK}{time.monotonic()}"
        services.post_message(room=place, by=by, body=body, client_token=secrets.token_hex(8), at=clock.now())


# --- measuring --------------------------------------------------------------------------------------
@dataclass
class Result:
    """What one way of working showed."""

    name: str
    latencies: list[float]
    cpu: float
    sent: int
    expected: int
    web: float = 0.0

    def row(self, base: "Result | None") -> str:
        """One line of the table."""
        cuts = statistics.quantiles(self.latencies, n=100) if len(self.latencies) > 1 else [0.0] * 99
        per = 1e6 * self.cpu / max(1, len(self.latencies))
        ratio = f"{per / base.per():5.2f}x {cuts[49] / base.p50():5.2f}x" if base else "   1x     1x"
        lost = self.expected - len(self.latencies)
        return (
            f"{self.name:34} {1e3 * cuts[49]:8.1f} {1e3 * cuts[98]:8.1f} {per:10.1f}   {ratio}   "
            f"{1e6 * self.web / max(1, len(self.latencies)):6.1f}   "
            f"{self.sent} sent, {lost} of {self.expected} deliveries missing"
        )

    def per(self) -> float:
        """CPU microseconds per delivery."""
        return 1e6 * self.cpu / max(1, len(self.latencies))

    def p50(self) -> float:
        """The median latency, in seconds."""
        return statistics.median(self.latencies)


def cpu_of(*processes: subprocess.Popen[Any]) -> float:
    """CPU seconds these processes have used."""
    times = [psutil.Process(process.pid).cpu_times() for process in processes]
    return sum(one.user + one.system for one in times)


async def listen(socket: Any, latencies: list[float], since: list[float]) -> None:
    """Note how long ago each message was sent, of those sent after `since`; nothing else is looked at."""
    async for text in socket:
        place = text.find(MARK)
        if place > 0:
            sent = float(text[place + len(MARK) :].split('"', 1)[0])
            if sent >= since[0]:
                latencies.append(time.monotonic() - sent)


async def crowd(
    url: str, cookies: list[str], count: int, first: dict[str, Any] | None, origin: str
) -> list[Any]:
    """`count` open sockets, which have said `first`."""
    sockets = []
    for number in range(count):
        headers = {"Cookie": cookies[number % len(cookies)]} if cookies else {}
        socket = await connect(
            url,
            additional_headers=headers,
            origin=origin,
            compression=None,
            open_timeout=30,
            ping_interval=None,
        )  # type: ignore[arg-type]
        if first is not None:
            await socket.send(json.dumps(first))
        sockets.append(socket)
    return sockets


async def measure(
    name: str,
    sockets: list[Any],
    servers: list[subprocess.Popen[Any]],
    send: Callable[[float], Awaitable[None]],
    options: argparse.Namespace,
) -> Result:
    """Send at a steady rate while all sockets listen. `send` takes the moment and returns when it was sent."""
    latencies: list[float] = []
    since = [float("inf")]
    ears = [asyncio.create_task(listen(socket, latencies, since)) for socket in sockets]
    await send(time.monotonic())
    await asyncio.sleep(2)
    before, web_before = cpu_of(*servers), cpu_of(servers[0])
    count = int(options.seconds * options.rate)
    start = time.monotonic() + 0.2
    since[0] = start - 0.1
    sending = [asyncio.create_task(send(start + number / options.rate)) for number in range(count)]
    await asyncio.gather(*sending)
    end = time.monotonic() + 15
    while len(latencies) < count * len(sockets) and time.monotonic() < end:
        await asyncio.sleep(0.05)
    used, web = cpu_of(*servers) - before, cpu_of(servers[0]) - web_before
    for ear in ears:
        ear.cancel()
    await asyncio.gather(*ears, return_exceptions=True)
    return Result(name, latencies, used, count, count * len(sockets), web)


async def run_floor(options: argparse.Namespace) -> Result:
    """The bare server."""
    port = free_port()
    server = subprocess.Popen([sys.executable, str(HERE), "--serve-floor", str(port)], env=_env(port))
    try:
        sockets = await _patient(
            lambda: crowd(f"ws://127.0.0.1:{port}", [], options.sockets, None, "http://bench")
        )

        async def send(moment: float) -> None:
            await asyncio.sleep(max(0.0, moment - time.monotonic()))
            await sockets[0].send(json.dumps({"body": f"{BODY}{MARK}{time.monotonic()}"}))

        result = await measure("floor: websockets+redis+psycopg", sockets, [server], send, options)
        await asyncio.gather(*(socket.close() for socket in sockets))
        return result
    finally:
        stop(server)


async def _patient(work: Callable[[], Awaitable[list[Any]]]) -> list[Any]:
    """Try until the server listens."""
    for _ in range(200):
        try:
            return await work()
        except OSError:
            await asyncio.sleep(0.1)
    raise SystemExit("the server does not listen")


@asynccontextmanager
async def web(log: Path) -> AsyncIterator[tuple[subprocess.Popen[Any], str, int]]:
    """Our web process, as `up` runs it."""
    port = free_port()
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "config.web"], env=_env(port), cwd=ROOT, stdout=out, stderr=out
        )
    try:
        wait_until_up(f"http://127.0.0.1:{port}/health/live", server, log)
        yield server, f"http://127.0.0.1:{port}", port
    finally:
        stop(server)


async def run_ours(options: argparse.Namespace, room: Room, cookies: list[str], by: User) -> list[Result]:
    """Ours, twice: posted by the service and posted over HTTP."""
    results = []
    async with web(settings.VAR_DIR / "bench-web.log") as (server, url, port):
        address, hello = (
            f"ws://127.0.0.1:{port}/ws/",
            {"type": "subscribe", "room": room.pk, "after": 2**31 - 1},
        )
        sockets = await crowd(address, cookies, options.sockets, hello, url)
        await asyncio.sleep(1)
        poster = subprocess.Popen(
            [sys.executable, str(HERE), "--post-lines", f"{room.pk},{by.pk}"],
            env=_env(port), stdin=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip

        async def by_service(moment: float) -> None:
            assert poster.stdin is not None
            poster.stdin.write(f"{moment}\n")

        await by_service(time.monotonic())
        await asyncio.sleep(4)
        results.append(await measure("ours: service + hub", sockets, [server, poster], by_service, options))
        stop(poster)
        lanes: asyncio.Queue[http.client.HTTPConnection] = asyncio.Queue()
        for _ in range(4):
            lanes.put_nowait(http.client.HTTPConnection("127.0.0.1", port, timeout=20))

        async def by_http(moment: float) -> None:
            await asyncio.sleep(max(0.0, moment - time.monotonic()))
            lane = await lanes.get()
            try:
                await asyncio.to_thread(_post, lane, room.pk, cookies[0])
            finally:
                lanes.put_nowait(lane)

        results.append(await measure("ours: HTTP post + hub (all in)", sockets, [server], by_http, options))
        await asyncio.gather(*(socket.close() for socket in sockets))
        if options.idle:
            await weigh(server, address, cookies, options.idle, url)
        if options.storm:
            await storm(address, cookies, options.storm, url, room)
    return results


def _post(lane: http.client.HTTPConnection, room: int, cookie: str) -> None:
    body = f"{BODY}{MARK}{time.monotonic()}"
    form = urlencode({"body": body, "client_token": secrets.token_hex(8)})
    csrf = "b" * 32
    headers = {"Cookie": f"{cookie}; csrftoken={csrf}", "X-CSRFToken": csrf}
    lane.request(
        "POST", f"/rooms/{room}/post/", form, headers | {"Content-Type": "application/x-www-form-urlencoded"}
    )
    answer = lane.getresponse()
    answer.read()
    if answer.status != 302:
        raise SystemExit(f"posting was answered {answer.status}")


async def weigh(
    server: subprocess.Popen[Any], address: str, cookies: list[str], count: int, origin: str
) -> None:
    """The memory of an idle socket."""
    await asyncio.sleep(2)
    before = psutil.Process(server.pid).memory_full_info().pss
    sockets = await crowd(address, cookies, count, None, origin)
    await asyncio.sleep(2)
    after = psutil.Process(server.pid).memory_full_info().pss
    print(
        f"idle sockets: {count}, {(after - before) / count / 1024:.1f} KB each (PSS); process {after >> 20} MB"
    )
    await asyncio.gather(*(socket.close() for socket in sockets))


def _head(room: Room) -> int:
    try:
        return Room.objects.get(pk=room.pk).last_seq
    finally:
        connection.close()


async def storm(address: str, cookies: list[str], count: int, origin: str, room: Room) -> None:
    """All come back at the same moment and have missed some messages: how long until each has them all."""
    head = await asyncio.to_thread(_head, room)
    hello = json.dumps({"type": "subscribe", "room": room.pk, "after": max(0, head - MISSED)})
    waits: list[float] = []
    errors: list[str] = []
    start = time.monotonic()

    async def come_back(number: int) -> None:
        try:
            headers = {"Cookie": cookies[number % len(cookies)]}
            async with connect(
                address,
                additional_headers=headers,
                origin=origin,  # type: ignore[arg-type]
                compression=None,
                open_timeout=60,
                ping_interval=None,
            ) as socket:
                await socket.send(hello)
                async for text in socket:
                    frame = json.loads(text)
                    if frame["type"] == "error":
                        errors.append(frame["code"])
                    if frame["type"] == "message" and frame["seq"] >= head:
                        break
                waits.append(time.monotonic() - start)
        except Exception as error:
            errors.append(type(error).__name__)

    await asyncio.gather(*(come_back(number) for number in range(count)))
    cuts = statistics.quantiles(waits, n=100) if len(waits) > 1 else [0.0] * 99
    print(
        f"storm: {count} clients at once, {MISSED} messages missed each: {len(waits)} whole, {len(errors)} errors"
        f" {sorted(set(errors))}; whole after p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s"
    )


# --- the stage ------------------------------------------------------------------------------------
def _env(port: int) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "BASE_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
    }


def _seed() -> tuple[Room, list[str], User]:
    """A team room with twenty people in it, all signed in."""
    at = clock.now()
    entity = people.open_entity(code="BEN", name="Bench", country="ES", currency="EUR", at=at)
    users = [people.add_person(email=f"p{n}@bench.example", name=f"Person {n}") for n in range(PEOPLE)]
    for user in users:
        people.give_role(user=user, entity=entity, role="credit_manager", at=at)
    room = services.open_team(entity=entity, name="Bench", by=users[0], at=at)
    for user in users[1:]:
        services.join(room=room, user=user, route="invited", at=at)
    cookies = []
    for user in users:
        client = Client()
        client.force_login(user)
        cookies.append(f"sessionid={client.cookies['sessionid'].value}")
    return room, cookies, users[0]


def main() -> None:
    """Make a database, measure, print, drop the database."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sockets", type=int, nargs="+", default=[10, 100, 500, 1000])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, help="messages a second, instead of the usual ones")
    parser.add_argument("--idle", type=int, default=500, help="idle sockets to weigh; 0 for none")
    parser.add_argument("--storm", type=int, default=1000, help="clients that come back at once; 0 for none")
    parser.add_argument("--serve-floor", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--post-lines", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve_floor:
        asyncio.run(floor(options.serve_floor))
    elif options.post_lines:
        post_lines(*(int(word) for word in options.post_lines.split(",")))
    else:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        with hold(settings.VAR_DIR, postgres=settings.EMBEDDED, valkey=settings.EMBEDDED_BROKER):
            compare(options)


def compare(options: argparse.Namespace) -> None:
    """The whole table, in a database of its own."""
    settings.DATABASES["default"]["TEST"]["NAME"] = DATABASE
    home = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    sizes, idle, storm_of = options.sockets, options.idle, options.storm
    try:
        room, cookies, by = _seed()
        connection.close()
        given = options.rate
        for count in sizes:
            options.sockets, options.rate = count, given or RATES.get(count, 10.0)
            options.idle, options.storm = (idle, storm_of) if count == sizes[-1] else (0, 0)
            base = asyncio.run(run_floor(options))
            ours = asyncio.run(run_ours(options, room, cookies, by))
            load = os.getloadavg()[0]
            print(f"{count} sockets, {options.rate:g} messages a second, load {load:.1f}")
            print(f"{'':34} {'p50 ms':>8} {'p99 ms':>8} {'CPU us/del':>10}   {'CPU':>6} {'p50':>6}   web us")
            for one in [base, *ours]:
                print(one.row(None if one is base else base), flush=True)
    finally:
        connection.creation.destroy_test_db(home, verbosity=0)


if __name__ == "__main__":
    main()
