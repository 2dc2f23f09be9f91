"""What the pages of the issue register show: entries as their reader may see them, with what became of each."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from handover.customers import masked, may_see_customers, without_phones
from handover.grams import plain
from handover.models import SETTLED, HandIn, Issue, Matter, MatterState, MatterStep
from handover.words import moment
from ledger.lists import bonus_amount
from ledger.models import Bonus, BonusState
from office import clock
from office.money import yuan
from people.access import may
from people.models import Department, Right, User
from rulebooks.schema import Rulebook
from rulebooks.services import version_by_id

# What is written and not dealt with yet, whether it has been handed in or not.
WAITING = (MatterState.NEW, MatterState.HANDED_IN)


class Eyes:
    """What of a customer the reader of a page sees: everything in own entries, in those they work on, and by right."""

    def __init__(self, request) -> None:
        self.user, self.by_right = request.user.pk, may_see_customers(request)

    def whole(self, issue: Issue) -> bool:
        matter = issue.matter
        works_on_it = matter.assignee is not None and matter.assignee.user_id == self.user
        return self.by_right or works_on_it or issue.author.user_id == self.user

    def customer(self, issue: Issue) -> str:
        return issue.customer if self.whole(issue) else masked(issue.customer)

    def text(self, issue: Issue) -> str:
        return issue.text if self.whole(issue) else without_phones(issue.text)

    def about(self, issue: Issue) -> str:
        return issue.about if self.whole(issue) else without_phones(issue.about)


@dataclass(frozen=True)
class Entry:
    """One entry in a list. `state`: of the entry it was merged into, where it was; `answer`: what its author reads."""

    issue: Issue
    matter: Matter
    text: str
    about: str
    customer: str
    answer: str
    may_deal: bool
    may_adopt: bool
    may_finish: bool
    may_reopen: bool = False
    # In a digest: an entry that says the same in the same words, into which this one can be merged.
    twin: Matter | None = None

    @property
    def outcome(self) -> Matter:
        """The matter whose state says what became of it."""
        return self.matter.merged_into or self.matter


def entries_of(rows: QuerySet[Issue]) -> QuerySet[Issue]:
    """Issues with all that a list shows of them, in one query; `answer` is the words by which each was settled."""
    said = MatterStep.objects.filter(matter=Coalesce(OuterRef("matter__merged_into"), OuterRef("matter")))
    said = said.filter(state__in=SETTLED).exclude(state=MatterState.MERGED)
    answer = Coalesce(Subquery(said.order_by("-pk").values("text")[:1]), Value(""))
    people = ("department", "author__user", "matter__assignee__user", "matter__merged_into")
    return rows.select_related(*people).annotate(answer=answer)


def shown(request, issues: Iterable[Issue]) -> list[Entry]:
    """Entries as this reader may see and deal with them; `issues` come from `entries_of`."""
    eyes, handles = Eyes(request), may(request, Right.HANDLE_REGISTER)
    return [_entry(request.user, issue, eyes, handles) for issue in issues]


def _entry(user: User, issue: Issue, eyes: Eyes, handles: bool) -> Entry:
    matter = issue.matter
    is_open = matter.state not in SETTLED
    return Entry(
        issue=issue,
        matter=matter,
        text=eyes.text(issue),
        about=eyes.about(issue),
        customer=eyes.customer(issue),
        # What was said when it was settled, until it is dealt with again.
        answer=issue.answer if (matter.merged_into or matter).state in SETTLED else "",  # type: ignore[attr-defined]
        may_deal=handles and is_open,
        # Nobody decides about themselves.
        may_adopt=issue.author.user_id != user.pk,
        may_reopen=handles and not is_open,
        may_finish=is_open and matter.assignee is not None and matter.assignee.user_id == user.pk,
    )


@dataclass(frozen=True)
class Told:
    """A step of an entry's history. `again`: it had been settled, and is dealt with again."""

    step: MatterStep
    again: bool

    @property
    def words(self) -> str:
        return _("Dealt with again") if self.again else self.step.get_state_display()


def told(steps: Iterable[MatterStep]) -> list[Told]:
    found: list[Told] = []
    for step in steps:
        was_settled = bool(found) and found[-1].step.state in SETTLED
        found.append(Told(step, was_settled and step.state not in SETTLED))
    return found


@dataclass(frozen=True)
class Case:
    """The page of one entry. `into`: the entry that it was merged into, where the reader may open that one.

    `bonus`: what adopting it proposed and what became of that, in words; `bonus_url` for who may open it.
    """

    entry: Entry
    steps: list[Told]
    into: Matter | None
    same: list[Matter]
    bonus: str
    bonus_url: str
    is_decided: bool
    proposes: str

    @property
    def may_reopen(self) -> bool:
        return self.entry.may_reopen and not self.is_decided


def case_of(request, entry: Entry) -> Case:
    """Put the page together with three queries more, one more each where it was merged or proposed a bonus."""
    matter, department = entry.matter, entry.issue.department
    visible = Matter.objects.visible_to(request.user).select_related("issue__author__user")
    bonus, is_seen = _bonus_of(request, matter)
    return Case(
        entry=entry,
        steps=told(matter.steps.select_related("actor")),
        into=visible.filter(pk=matter.merged_into_id).first() if matter.merged_into_id else None,
        same=list(visible.filter(merged_into=matter, issue__department=department)),
        bonus=bonus_words(bonus) if bonus else "",
        bonus_url=reverse("ledger:bonus", args=[department.code, bonus.pk]) if bonus and is_seen else "",
        is_decided=bonus is not None and bonus.state != BonusState.PROPOSED,
        proposes=proposed_by(entry.issue),
    )


def _bonus_of(request, matter: Matter) -> tuple[Bonus | None, bool]:
    """The bonus that it proposed, for its author and who reads the register; whether its page opens for them."""
    reads = may(request, Right.READ_REGISTER) or may(request, Right.HANDLE_REGISTER)
    if not matter.bonus_id or not (reads or matter.issue.author.user_id == request.user.pk):
        return None, False
    seen = Bonus.objects.visible_to(request.user).filter(pk=OuterRef("pk"))
    bonus = Bonus.objects.annotate(is_seen=Exists(seen)).get(pk=matter.bonus_id)
    return bonus, bonus.is_seen


def bonus_words(bonus: Bonus) -> str:
    facts = {"number": bonus.number, "what": bonus.words, "amount": bonus_amount(bonus)}
    if bonus.state == BonusState.PROPOSED:
        return _("Bonus proposed, § %(number)s %(what)s: %(amount)s yuan, waits for a decision") % facts
    if bonus.state == BonusState.APPROVED:
        return _("Bonus approved, § %(number)s %(what)s: %(amount)s yuan") % facts
    return _("Bonus not approved, § %(number)s %(what)s") % facts


def proposed_by(issue: Issue) -> str:
    """What adopting the entry proposes, in words; empty where its category has no bonus."""
    rulebook = version_by_id(issue.rulebook_version_id)
    category = next((one for one in rulebook.notebooks.issue_register.categories if one.code == issue.category), None)
    rule = rulebook.bonus(category.bonus) if category and category.bonus else None
    if rule is None:
        return ""
    least, most = rule.fen_from(0), rule.fen_to(0)
    if least == most:
        return _("§ %(number)s %(name)s, %(amount)s yuan") % {
            "number": rule.number,
            "name": rule.name,
            "amount": yuan(most),
        }
    return _("§ %(number)s %(name)s, %(least)s to %(most)s yuan") % {
        "number": rule.number,
        "name": rule.name,
        "least": yuan(least),
        "most": yuan(most),
    }


def next_hand_in(department: Department, rulebook: Rulebook) -> str:
    """When the next entries are handed in, on the department's clock; empty where the rulebook hands nothing in."""
    rule = rulebook.notebooks.issue_register.hand_in
    now = clock.now()
    return moment(rule.next_after(now, department.zone), now, department.zone) if rule else ""


# -- Digests ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Shelf:
    """The entries of one category in a digest, sorted by author and time."""

    name: str
    entries: list[Entry]


@dataclass(frozen=True)
class Digest:
    hand_in: HandIn
    shelves: list[Shelf]
    still_open: int


def digest_of(request, hand_in: HandIn) -> Digest:
    """A week's entries by category, in the order of the form then, and within by author: one query.

    Those that say the same in the same words stand together.
    """
    found = entries_of(Issue.objects.filter(matter__hand_in=hand_in))
    entries = shown(request, found.order_by("author__work_number", "author", "written_at", "pk"))
    shelves: dict[str, list[Entry]] = {}
    for entry in entries:
        shelves.setdefault(entry.issue.category_name, []).append(entry)
    return Digest(
        hand_in=hand_in,
        shelves=[
            Shelf(name, together(shelves[name])) for name in sorted(shelves, key=lambda name: _place(shelves[name][0]))
        ],
        still_open=sum(entry.matter.state not in SETTLED for entry in entries),
    )


def together(entries: list[Entry]) -> list[Entry]:
    """Entries that say the same in the same words one after the other, the later ones with their `twin`."""
    alike: dict[str, list[Entry]] = {}
    for entry in entries:
        alike.setdefault(plain(entry.issue.text), []).append(entry)
    found = []
    for first, *others in alike.values():
        found.append(first)
        found += [replace(other, twin=first.matter if _can_merge(other, first) else None) for other in others]
    return found


def _can_merge(entry: Entry, into: Entry) -> bool:
    return entry.may_deal and into.matter.state != MatterState.MERGED


def _place(entry: Entry) -> int:
    """Where the category of an entry stands in the form."""
    register = version_by_id(entry.issue.rulebook_version_id).notebooks.issue_register
    codes = [known.code for known in register.categories]
    return codes.index(entry.issue.category) if entry.issue.category in codes else len(codes)


def hand_ins_of(department: Department) -> QuerySet[HandIn]:
    """The department's hand-ins, each with how many of its entries are still `open`."""
    return department.hand_ins.annotate(open=Count("matters", filter=~Q(matters__state__in=SETTLED)))


def open_counts(department: Department) -> dict[str, int]:
    """How many entries are not handed in yet (`new`), and how many are open in all (`open`): one query."""
    rows = Matter.objects.filter(issue__department=department).unsettled()
    return rows.aggregate(new=Count("pk", filter=Q(state=MatterState.NEW)), open=Count("pk"))


def links_of(request, department: Department, keys: Iterable[int]) -> dict[int, str]:
    """Where the entries with these keys are read, those that the reader may open: one query."""
    visible = Matter.objects.visible_to(request.user).filter(issue__in=list(keys), issue__department=department)
    return {pk: reverse("handover:issue", args=[department.code, pk]) for pk in visible.values_list("issue", flat=True)}
