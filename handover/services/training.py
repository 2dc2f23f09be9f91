"""Newcomers and their mentors: paired, ticked off point by point, passed on a day, and the mentors' bonuses."""

import logging
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from handover.learning import by_speed, days_of, quarter_of
from handover.models import LearntPoint, Mentorship, MentorshipState
from ledger.services import propose_bonus
from office import audit, clock, notices
from people.models import Department, Membership, Right, User
from people.permissions import has_right, holders_of
from people.services import in_each_department
from rulebooks.schema import Training
from rulebooks.services import NoRulebook, in_force, version_by_id

log = logging.getLogger(__name__)

SOURCE = "mentorship"
# Further ahead nobody plans a newcomer's time: it is a day typed wrong.
PLANNED_AHEAD = timedelta(days=60)
# A server that stood still for so long still proposes for the quarters that ended meanwhile.
MADE_UP_FOR = timedelta(days=366)

MENTOR = gettext_noop("%(name)s learns from you from %(day)s on.")
NEWCOMER = gettext_noop("From %(day)s on you learn from %(name)s.")
PASSED = gettext_noop("You have passed: everything that a newcomer learns is learnt.")
PASSED_TOLD = gettext_noop("%(name)s, who learns from you, has passed.")
EARLY = gettext_noop("%(name)s has passed %(days)s days after joining: early confirmation proposed.")
ENDED = gettext_noop("The time of learning of %(newcomer)s with %(mentor)s has ended.")
CALLED_OFF = gettext_noop("%(newcomer)s does not learn from %(mentor)s after all: it was called off before it began.")


@transaction.atomic
def pair(*, newcomer: Membership, mentor: Membership, from_day: date, actor: User) -> Mentorship:
    """Let a newcomer learn from a mentor from a day on; both are told.

    Refuses "no_checklist" where the rulebook in force today has no training, "same_person", "other_department",
    "too_far" for a day that is too far ahead, "not_a_member" for who is no member on it, and "already_paired" while
    the newcomer learns from somebody.
    """
    # Two pairings of one newcomer at once: the second waits here and then sees the first.
    rows = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("user", "department")
    newcomer = rows.get(pk=newcomer.pk)
    department = newcomer.department
    rulebook = in_force(department, department.today())
    if rulebook.training is None:
        raise ValidationError(_("The rulebook says nothing about newcomers."), code="no_checklist")
    if mentor.pk == newcomer.pk or mentor.user_id == newcomer.user_id:
        raise ValidationError(_("Nobody learns from themselves."), code="same_person")
    if mentor.department_id != newcomer.department_id:
        raise ValidationError(_("%(name)s belongs to another department.") % {"name": mentor}, code="other_department")
    latest = department.today() + PLANNED_AHEAD
    if from_day > latest:
        raise ValidationError(_("This is too far ahead: %(day)s at the latest.") % {"day": latest}, code="too_far")
    for member in (newcomer, mentor):
        if not member.holds_on(from_day):
            raise ValidationError(
                _("%(name)s is no member on %(day)s.") % {"name": member.name, "day": from_day}, code="not_a_member"
            )
    if newcomer.mentorships.filter(state=MentorshipState.RUNNING).exists():
        raise ValidationError(_("%(name)s has a mentor already.") % {"name": newcomer.name}, code="already_paired")
    mentorship = Mentorship.objects.create(
        newcomer=newcomer,
        mentor=mentor,
        rulebook_version_id=rulebook.version_id,
        from_day=from_day,
        paired_by=actor,
    )
    _note(actor, "paired", mentorship, newcomer=newcomer.pk, mentor=mentor.pk)
    _tell(mentorship, [mentor.user], MENTOR, name=newcomer.name, day=from_day.isoformat())
    _tell(mentorship, [newcomer.user], NEWCOMER, name=mentor.name, day=from_day.isoformat())
    return mentorship


def training_of(mentorship: Mentorship) -> Training:
    """What the rulebook said when they were paired: its checklist is the one that is ticked off."""
    training = version_by_id(mentorship.rulebook_version_id).training
    if training is None:
        raise ValidationError(_("The rulebook says nothing about newcomers."), code="no_checklist")
    return training


def may_tick(mentorship: Mentorship, user: User) -> bool:
    """The mentor, and who leads training; nobody for themselves."""
    if mentorship.newcomer.user_id == user.pk:
        return False
    leads = has_right(user, mentorship.newcomer.department, Right.LEAD_TRAINING)
    return mentorship.mentor.user_id == user.pk or leads


@transaction.atomic
def tick_point(*, mentorship: Mentorship, code: str, actor: User) -> LearntPoint:
    """Say that a point of the checklist is learnt; twice is once.

    Refuses a mentorship that is over ("over"), an unknown point ("unknown_point"), and whoever is neither its mentor
    nor leads training, or would tick for themselves ("not_yours").
    """
    mentorship = _running(mentorship)
    _refuse_others(mentorship, actor)
    _refuse_unknown(mentorship, code)
    known = mentorship.points.filter(code=code, taken_back_at=None).first()
    if known is not None:
        return known
    point = LearntPoint.objects.create(mentorship=mentorship, code=code, by=actor)
    _note(actor, "ticked", mentorship, point=code)
    return point


@transaction.atomic
def take_back_point(*, mentorship: Mentorship, code: str, actor: User) -> Mentorship:
    """Say that a point is not learnt after all; what is not ticked stays so. Refuses as `tick_point` does."""
    mentorship = _running(mentorship)
    _refuse_others(mentorship, actor)
    _refuse_unknown(mentorship, code)
    if mentorship.points.filter(code=code, taken_back_at=None).update(taken_back_at=clock.now()):
        _note(actor, "taken_back", mentorship, point=code)
    return mentorship


@transaction.atomic
def pass_newcomer(*, mentorship: Mentorship, day: date, actor: User, remark: str = "") -> Mentorship:
    """Say on which day the newcomer has passed. Both are told; passed soon enough, early confirmation is proposed.

    Refuses "over", a day to come ("in_future") or before the first ("before_start"), one's own case as newcomer or
    mentor ("own_case"), points that are not learnt when `remark` does not say why ("no_reason"), and "too_long".
    """
    mentorship = _running(mentorship)
    _refuse_day(mentorship, day)
    if actor.pk in (mentorship.newcomer.user_id, mentorship.mentor.user_id):
        raise ValidationError(_("Nobody decides about themselves, nor about their own newcomer."), code="own_case")
    training = training_of(mentorship)
    learnt = set(mentorship.points.filter(taken_back_at=None).values_list("code", flat=True))
    lacking = [point for point in training.checklist if point.code not in learnt]
    remark = _short(remark)
    if lacking and not remark:
        raise ValidationError(
            _("%(count)s points are not learnt yet: say why it is enough.") % {"count": len(lacking)}, code="no_reason"
        )
    since_joining = (day - mentorship.newcomer.from_day).days
    early = training.early_within_days
    mentorship.is_early = early is not None and since_joining <= early
    _end(mentorship, MentorshipState.PASSED, day, remark)
    _note(actor, "passed", mentorship, day=day, early=mentorship.is_early, lacking=[point.code for point in lacking])
    name = mentorship.newcomer.name
    _tell(mentorship, [mentorship.newcomer.user], PASSED)
    _tell(mentorship, [mentorship.mentor.user], PASSED_TOLD, name=name)
    if mentorship.is_early:
        department = mentorship.newcomer.department
        leads = [*holders_of(department, Right.LEAD_TRAINING), *holders_of(department, Right.MANAGE_MEMBERS)]
        others = [person for person in leads if person.pk != mentorship.newcomer.user_id]
        _tell(mentorship, others, EARLY, name=name, days=since_joining)
    return mentorship


@transaction.atomic
def end_mentorship(*, mentorship: Mentorship, day: date, actor: User, remark: str) -> Mentorship:
    """End it without passing, with the reason; then the newcomer can be given another mentor. Both are told.

    What has not begun yet is called off: it ends on its first day, whatever `day` is.

    Refuses "over", "in_future", "before_start", and a missing or overlong reason ("no_reason", "too_long").
    """
    mentorship = _running(mentorship)
    begun = has_begun(mentorship)
    if begun:
        _refuse_day(mentorship, day)
    else:
        day = mentorship.from_day
    remark = _short(remark)
    if not remark:
        raise ValidationError(_("Say why."), code="no_reason")
    _end(mentorship, MentorshipState.ENDED, day, remark)
    _note(actor, "ended" if begun else "called_off", mentorship, day=day, remark=remark)
    both = [mentorship.newcomer.user, mentorship.mentor.user]
    names = {"newcomer": mentorship.newcomer.name, "mentor": mentorship.mentor.name}
    _tell(mentorship, both, ENDED if begun else CALLED_OFF, **names)
    return mentorship


def has_begun(mentorship: Mentorship) -> bool:
    """Whether its first day has come."""
    return mentorship.from_day <= mentorship.newcomer.department.today()


def _running(mentorship: Mentorship) -> Mentorship:
    # Two people may press at once: the second waits here and then sees what the first one did.
    people = ("newcomer__user", "newcomer__department", "mentor__user")
    rows = Mentorship.objects.select_for_update(of=("self",)).select_related(*people)
    mentorship = rows.get(pk=mentorship.pk)
    if mentorship.state != MentorshipState.RUNNING:
        raise ValidationError(_("This is over: %(state)s.") % {"state": mentorship.get_state_display()}, code="over")
    return mentorship


def _refuse_others(mentorship: Mentorship, actor: User) -> None:
    if not may_tick(mentorship, actor):
        raise ValidationError(_("Points are ticked by the mentor, or by who leads training."), code="not_yours")


def _refuse_unknown(mentorship: Mentorship, code: str) -> None:
    if code not in {point.code for point in training_of(mentorship).checklist}:
        raise ValidationError(_("The checklist has no such point."), code="unknown_point")


def _refuse_day(mentorship: Mentorship, day: date) -> None:
    if day > mentorship.newcomer.department.today():
        raise ValidationError(_("This day has not come yet."), code="in_future")
    if day < mentorship.from_day:
        raise ValidationError(
            _("This is before the first day, %(day)s.") % {"day": mentorship.from_day}, code="before_start"
        )


def _end(mentorship: Mentorship, state: MentorshipState, day: date, remark: str) -> None:
    mentorship.state, mentorship.until_day, mentorship.remark = state, day, remark
    mentorship.save(update_fields=["state", "until_day", "remark", "is_early"])


def _short(text: str) -> str:
    longest = Mentorship._meta.get_field("remark").max_length or 0
    if len(text.strip()) > longest:
        raise ValidationError(_("At most %(longest)s characters.") % {"longest": longest}, code="too_long")
    return text.strip()


def _note(actor: User | None, what: str, mentorship: Mentorship, **facts) -> None:
    department = mentorship.newcomer.department
    audit.record(actor, f"handover.mentorship.{what}", mentorship, department=department, **facts)


def _tell(mentorship: Mentorship, people, message: str, **params) -> None:
    link = reverse("handover:mentorship", args=[mentorship.newcomer.department.code, mentorship.pk])
    notices.tell(people, message, link=link, **params)


# -- Mentors' bonuses -------------------------------------------------------------------------------------------------
def propose_mentor_bonuses() -> int:
    """Propose the mentors' bonuses of every quarter that is over; how many are new. Again, nothing comes twice."""
    return in_each_department(_propose_of, "The mentors' bonuses of %s could not be proposed.")


def _propose_of(department: Department) -> int:
    this_quarter, _last = quarter_of(department.today())
    since, _last = quarter_of(this_quarter - MADE_UP_FOR)
    rows = Mentorship.objects.filter(newcomer__department=department, state=MentorshipState.PASSED)
    rows = rows.filter(until_day__gte=since, until_day__lt=this_quarter)
    quarters: dict[date, list[Mentorship]] = {}
    for mentorship in rows.select_related("newcomer__user", "mentor__user", "mentor__department"):
        assert mentorship.until_day is not None
        quarters.setdefault(quarter_of(mentorship.until_day)[0], []).append(mentorship)
    return sum(
        _propose(mentorship, place)
        for passed in quarters.values()
        for place, mentorship in enumerate(by_speed(passed))
        if mentorship.bonus_id is None
    )


def _propose(mentorship: Mentorship, place: int) -> int:
    """The bonus of one mentor; none where the rulebook of the day has none for this place."""
    day = mentorship.until_day
    assert day is not None
    try:
        with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
            training = in_force(mentorship.mentor.department, day).training
            if training is None or training.mentor_bonus is None:
                return 0
            taught = {"name": mentorship.newcomer.name, "days": days_of(mentorship), "place": place + 1}
            bonus = propose_bonus(
                membership=mentorship.mentor,
                code=training.mentor_bonus,
                business_date=day,
                facts=_("%(name)s passed after %(days)s days: number %(place)s of the quarter.") % taught,
                source=(SOURCE, mentorship.pk, _("Mentor of %(name)s") % taught),
                place=place,
            )
            if bonus is None:
                return 0
            return Mentorship.objects.filter(pk=mentorship.pk, bonus=None).update(bonus=bonus)
    except NoRulebook:
        return 0
    except ValidationError as refusal:
        log.warning("Not proposed: the bonus for %s, %s", mentorship, " ".join(refusal.messages))
        return 0
