"""What a trigger says, in SQL of both engines."""

import re
from dataclasses import dataclass

PREFIX = "banzu_"
FUNCTION = "banzu_refuse"


@dataclass(frozen=True)
class Trigger:
    """One rule. `events` are SQL events; `when` and `unless` are SQL that may use OLD and NEW.

    `when`: a plain condition on the row. `unless`: a subquery condition that must hold, else the write is refused.
    `lock`: a row (SQL after FROM) that PostgreSQL locks before it looks, so that nothing slips in beside it. `strength`
    of the lock: "NO KEY UPDATE" lets others go on writing rows that refer to it.
    """

    name: str
    table: str
    event: str
    refusal: str
    when: str = ""
    unless: str = ""
    lock: str = ""
    strength: str = "UPDATE"

    @property
    def columns(self) -> set[str]:
        """The columns of its own table that it names."""
        return set(re.findall(r"\b(?:OLD|NEW)\.(\w+)", f"{self.when} {self.unless} {self.lock}"))

    def sqlite(self) -> str:
        guards = [part for part in (self.when, f"NOT ({self.unless})" if self.unless else "") if part]
        condition = f"WHEN {' AND '.join(guards)} " if guards else ""
        return (
            f"CREATE TRIGGER {PREFIX}{self.name} BEFORE {self.event} ON {self.table} FOR EACH ROW {condition}"
            f"BEGIN SELECT RAISE(ABORT, '{self.refusal}'); END"
        )

    def postgres(self) -> list[str]:
        name = PREFIX + self.name
        when = f"WHEN ({self.when}) " if self.when else ""
        if not self.unless:
            return [
                f"CREATE TRIGGER {name} BEFORE {self.event} ON {self.table} FOR EACH ROW {when}"
                f"EXECUTE FUNCTION {FUNCTION}('{self.refusal}')"
            ]
        lock = f"PERFORM 1 FROM {self.lock} FOR {self.strength};" if self.lock else ""
        result = "OLD" if self.event == "DELETE" else "NEW"
        return [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lock} "
            f"IF NOT ({self.unless}) THEN RAISE EXCEPTION '{self.refusal}' USING ERRCODE = 'check_violation'; END IF; "
            f"RETURN {result}; END $$",
            f"CREATE TRIGGER {name} BEFORE {self.event} ON {self.table} FOR EACH ROW {when}EXECUTE FUNCTION {name}()",
        ]


def append_only(table: str) -> list[Trigger]:
    """Rows of `table` can be added and never changed or deleted."""
    return [
        Trigger(f"{table}_update", table, "UPDATE", f"{table}: rows are only ever added"),
        Trigger(f"{table}_delete", table, "DELETE", f"{table}: rows are only ever added"),
    ]
