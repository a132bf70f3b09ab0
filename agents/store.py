"""Everything that a run has done, in one SQLite file: after each event it is on disk.

A run that is killed goes on from here: finished steps stay finished, and questions that were
answered are not asked again, so that what is repeated comes out the same.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from .coder import Attempt
from .contract import Region
from .model.messages import Model, Request, Response
from .plan import Plan
from .validators.verdict import Verdict

StepState = Literal["waiting", "running", "done", "failed", "skipped"]
SCHEMA = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS region (key TEXT PRIMARY KEY, position INTEGER, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS step (
  id TEXT PRIMARY KEY, position INTEGER, state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS attempt (
  region TEXT, round INTEGER, number INTEGER, code TEXT, verdict TEXT, request TEXT,
  PRIMARY KEY (region, round, number));
CREATE TABLE IF NOT EXISTS answer (
  key TEXT PRIMARY KEY, request TEXT NOT NULL, response TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fill (
  region TEXT PRIMARY KEY, code TEXT, author TEXT, reason TEXT, verdict TEXT, review TEXT);
CREATE TABLE IF NOT EXISTS event (
  number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, subject TEXT, text TEXT);
"""


class StoreError(Exception):
    """A file that holds no run, or that of other sources."""


class Store:
    """One run. Raises StoreError for a file that is no store."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.executescript(SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{path}: {error}") from error

    @contextmanager
    def _at_once(self) -> Generator[sqlite3.Connection]:
        """All of it or nothing, and on disk when it is done."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # ------------------------------------------------------------------------------- the plan

    def begin(self, identity: str, regions: list[Region], plan: Plan) -> None:
        """Writes a new run down. Raises StoreError when the file holds one of other sources."""
        known = self.fact("identity")
        if known is not None:
            if known != identity:
                raise StoreError(f"{self.path} holds a run over other sources or settings")
            return
        with self._at_once() as db:
            rows = [(r.key, n, json.dumps(r.to_json())) for n, r in enumerate(regions)]
            db.executemany("INSERT INTO region VALUES (?, ?, ?)", rows)
            steps = [(s.id, n, "waiting", "") for n, s in enumerate(plan.steps)]
            db.executemany("INSERT INTO step VALUES (?, ?, ?, ?)", steps)
            db.execute("INSERT INTO fact VALUES ('plan', ?)", (plan.text(),))
            db.execute("INSERT INTO fact VALUES ('identity', ?)", (identity,))

    def fact(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def plan(self) -> Plan:
        """Raises StoreError when nothing was begun."""
        text = self.fact("plan")
        if text is None:
            raise StoreError(f"{self.path} holds no run")
        return Plan.from_json(json.loads(text))

    def regions(self) -> list[Region]:
        rows = self._db.execute("SELECT data FROM region ORDER BY position")
        return [Region.from_json(json.loads(row[0])) for row in rows]

    # ---------------------------------------------------------------------------------- steps

    def set_state(self, step: str, state: StepState, reason: str = "") -> None:
        with self._at_once() as db:
            db.execute("UPDATE step SET state = ?, reason = ? WHERE id = ?", (state, reason, step))
            self._event(db, state, step, reason)

    def states(self) -> dict[str, tuple[StepState, str]]:
        rows = self._db.execute("SELECT id, state, reason FROM step ORDER BY position")
        return {row[0]: (row[1], row[2]) for row in rows}

    def settle(
        self, region: str, code: str | None, author: str, reason: str,
        verdict: Verdict | None = None, review: str = "",
    ) -> None:  # fmt: skip
        """What became of a region, for good."""
        data = "" if verdict is None else json.dumps(verdict.to_json())
        with self._at_once() as db:
            row = (region, code, author, reason, data, review)
            db.execute("INSERT OR REPLACE INTO fill VALUES (?, ?, ?, ?, ?, ?)", row)
            self._event(db, "filled" if code else "left", region, reason)

    def settled(self) -> dict[str, dict[str, Any]]:
        rows = self._db.execute("SELECT region, code, author, reason, verdict, review FROM fill")
        names = ("code", "author", "reason", "verdict", "review")
        return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}

    # --------------------------------------------------------------------- attempts and answers

    def add_attempt(self, attempt: Attempt) -> None:
        row = (
            *(attempt.region, attempt.round, attempt.number, attempt.code),
            *(json.dumps(attempt.verdict.to_json()), attempt.request),
        )
        with self._at_once() as db:
            db.execute("INSERT OR REPLACE INTO attempt VALUES (?, ?, ?, ?, ?, ?)", row)

    def attempts(self, region: str | None = None) -> list[Attempt]:
        where = "" if region is None else " WHERE region = ?"
        rows = self._db.execute(
            f"SELECT region, round, number, code, verdict, request FROM attempt{where} "
            "ORDER BY region, round, number",
            () if region is None else (region,),
        )
        return [
            Attempt(row[0], row[1], row[2], row[3], Verdict.from_json(json.loads(row[4])), row[5])
            for row in rows
        ]

    def answer(self, key: str) -> Response | None:
        row = self._db.execute("SELECT response FROM answer WHERE key = ?", (key,)).fetchone()
        return None if row is None else Response.from_json(json.loads(row[0]))

    def request(self, key: str) -> dict[str, Any] | None:
        row = self._db.execute("SELECT request FROM answer WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def answers(self) -> list[Response]:
        rows = self._db.execute("SELECT response FROM answer ORDER BY key")
        return [Response.from_json(json.loads(row[0])) for row in rows]

    def answers_on(self, region: Region) -> list[Response]:
        """The answers to questions on one region, reviews among them."""
        rows = self._db.execute("SELECT request, response FROM answer ORDER BY key")
        return [
            Response.from_json(json.loads(response))
            for request, response in rows
            if any(region.source.rstrip() in m["content"] for m in json.loads(request)["messages"])
        ]

    def add_answer(self, request: Request, response: Response) -> None:
        texts = (json.dumps(request.to_json()), json.dumps(response.to_json()))
        with self._at_once() as db:
            db.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", (request.key, *texts))

    def note(self, kind: str, subject: str, text: str) -> None:
        """An event of any other kind: a retry, an abort, a budget."""
        with self._at_once() as db:
            self._event(db, kind, subject, text)

    def events(self) -> list[tuple[str, str, str]]:
        rows = self._db.execute("SELECT kind, subject, text FROM event ORDER BY number")
        return [(row[0], row[1], row[2]) for row in rows]

    def _event(self, db: sqlite3.Connection, kind: str, subject: str, text: str) -> None:
        db.execute(
            "INSERT INTO event (kind, subject, text) VALUES (?, ?, ?)", (kind, subject, text)
        )

    def close(self) -> None:
        self._db.close()


class StoredModel:
    """A model whose answers are kept in the store, and not asked for twice."""

    def __init__(self, model: Model, store: Store) -> None:
        self._model, self._store = model, store

    @property
    def name(self) -> str:
        return self._model.name

    async def answer(self, request: Request) -> Response:
        """Raises ModelError, Spent."""
        known = self._store.answer(request.key)
        if known is not None:
            return known
        response = await self._model.answer(request)
        self._store.add_answer(request, response)
        return response

    async def close(self) -> None:
        await self._model.close()
