"""What is judged: people with their shifts, days off and leave, and the rules that they are held against. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple, Protocol

from rulebooks.schema import Rest, Rulebook, WorkingTime
from shifts.spans import Stretch

HOURS_A_DAY = 24
DAYS_A_WEEK = 7


class Shift(NamedTuple):
    """A planned or worked shift of a person; `stretches` in order of time, as instants in UTC.

    `elsewhere`: of another department. It counts for overlap and rest, and is itself not reported.
    """

    agent: int
    day: date
    code: str
    stretches: tuple[Stretch, ...]
    breaks_minutes: int = 0
    elsewhere: bool = False


class DayOff(NamedTuple):
    """A planned day without a shift: a rest day, or (`is_rest` false) a day of leave."""

    agent: int
    day: date
    is_rest: bool


class Leave(NamedTuple):
    """Approved leave: whole days from first to last, both included, or the hours between two instants."""

    agent: int
    first: date
    last: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Skill(NamedTuple):
    """That somebody may work what needs a skill, from a day on; both ends count."""

    code: str
    from_day: date
    until_day: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.from_day <= day and (self.until_day is None or day <= self.until_day)


class Person(NamedTuple):
    """Whoever is judged: `key` of the membership, its first and last day, and the skills with theirs."""

    key: int
    from_day: date
    until_day: date | None = None
    skills: tuple[Skill, ...] = ()


class Maker(Protocol):
    """Makes what a code means on a day: a shift, a day off, or None for an empty cell. ValueError: an unknown code."""

    def __call__(self, agent: int, day: date, code: str) -> Shift | DayOff | None: ...


@dataclass(frozen=True)
class Plan:
    """Some days of some people. Shifts may reach before `first` and after `last`; only what is between is reported."""

    first: date
    last: date
    people: tuple[Person, ...] = ()
    shifts: tuple[Shift, ...] = ()
    days_off: tuple[DayOff, ...] = ()
    leaves: tuple[Leave, ...] = ()
    maker: Maker | None = field(default=None, compare=False, repr=False)

    def only(self, agents: Iterable[int]) -> "Plan":
        """The same days of some people alone: what depends on one person is judged quickly, coverage is not."""
        wanted = set(agents)
        return replace(
            self,
            people=tuple(person for person in self.people if person.key in wanted),
            shifts=tuple(shift for shift in self.shifts if shift.agent in wanted),
            days_off=tuple(day for day in self.days_off if day.agent in wanted),
            leaves=tuple(leave for leave in self.leaves if leave.agent in wanted),
        )


def plan_with(plan: Plan, changes: Mapping[tuple[int, date], str]) -> Plan:
    """The plan as it would be with other codes in some cells (member, day): a shift's, the rest day's, a leave's or "".

    Cells of people who are not in the plan are left out. ValueError for a code that no rulebook of the day has.
    """
    if plan.maker is None:
        raise ValueError("This plan does not know what codes mean.")
    known = {person.key for person in plan.people}
    made = [plan.maker(agent, day, code) for (agent, day), code in changes.items() if agent in known]
    kept = [one for one in plan.shifts if one.elsewhere or (one.agent, one.day) not in changes]
    off = [one for one in plan.days_off if (one.agent, one.day) not in changes]
    kept += [one for one in made if isinstance(one, Shift)]
    off += [one for one in made if isinstance(one, DayOff)]
    return replace(plan, shifts=tuple(kept), days_off=tuple(off))


Names = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Rules:
    """What a plan is held against.

    limits   the rulebook's working time: limits that are None do not exist
    rest     its rest days; they are judged when `limits.rest_days` says what a breach means
    needs    the skills that each shift needs, by its code
    cover    {(day, code): (wanted, minimum)}; what is missing is not judged
    names    what shifts and skills are called, in every language, by their codes
    """

    limits: WorkingTime = field(default_factory=lambda: WorkingTime.model_validate({}))
    rest: Rest | None = None
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cover: Mapping[tuple[date, str], tuple[int, int]] = field(default_factory=dict)
    names: Names = field(default_factory=dict)
    skills: Names = field(default_factory=dict)

    def without_coverage(self) -> "Rules":
        """For judging some people alone, whose colleagues are not in the plan."""
        return replace(self, cover={})

    @property
    def days_back(self) -> int:
        """How many days before the first one the rules look."""
        return max(self._days_around(), *(rolling_days(rule, back=True) for rule in self.limits.rolling_rest), 0)

    @property
    def days_ahead(self) -> int:
        """How many days after the last one the rules look."""
        return max(self._days_around(), *(rolling_days(rule, back=False) for rule in self.limits.rolling_rest), 0)

    def _days_around(self) -> int:
        limits, rest = self.limits, self.rest
        reach = [DAYS_A_WEEK]
        if limits.rest_between_shifts:
            reach.append(limits.rest_between_shifts.hours // HOURS_A_DAY + 2)
        if limits.consecutive_days:
            # Once more than what is allowed: a run that began before is told from one that began in time.
            reach.append(2 * limits.consecutive_days.at_most + 1)
        if limits.overtime and limits.overtime.days_running_at_most:
            reach.append(2 * limits.overtime.days_running_at_most + 1)
        if limits.rest_days and rest and rest.days_per_cycle:
            reach.append(rest.days_per_cycle.every_days)
        return max(reach)


def rolling_days(rule, *, back: bool) -> int:
    """How many days a rolling window reaches beyond the days that are judged."""
    days = rule.within_hours // HOURS_A_DAY + 2
    if rule.exception:
        days += DAYS_A_WEEK + (rule.exception.days_at_most + 1 if back else 0)
    return days


def rules_of(rulebook: Rulebook, cover: Mapping[tuple[date, str], tuple[int, int]] | None = None) -> Rules:
    """What a rulebook says; `cover` is the need of each day, for which the calendar must be asked."""
    return Rules(
        limits=rulebook.working_time,
        rest=rulebook.rest,
        needs={shift.code: shift.needs for shift in rulebook.shifts if shift.needs},
        cover=cover or {},
        names={shift.code: shift.name.both for shift in rulebook.shifts},
        skills={skill.code: skill.name.both for skill in rulebook.skills},
    )
