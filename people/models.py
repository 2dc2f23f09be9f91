"""Users, departments, memberships, role grants and what a role may do in a department."""

import functools
import unicodedata
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Expression, F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from office import clock

CODE = RegexValidator(r"^[a-z0-9][a-z0-9-]*\Z", _("Small letters, digits and hyphens only."))


# The zones that people live in, by city, and UTC. Aliases without a city and zones of a fixed offset are left out:
# "Etc/GMT-8" lies east of Greenwich, and not every database reads it so.
ZONES = frozenset(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")) | {"UTC"}


def known_zone(name: str) -> None:
    if name not in ZONES:
        raise ValidationError(_("%(name)s is no time zone."), code="unknown_zone", params={"name": name})


def can_be_shown(text: str) -> None:
    """Signs for control and direction have no place in names: two could look the same, or one like nothing."""
    if any(unicodedata.category(sign).startswith("C") for sign in text):
        raise ValidationError(_("This holds a character that cannot be shown."), code="unshowable")


class Role(models.TextChoices):
    AGENT = "agent", _("Agent")
    LEADER = "leader", _("Team leader")
    SUPERVISOR = "supervisor", _("Supervisor")
    MANAGER = "manager", _("Manager")
    FINANCE = "finance", _("Finance")
    OWNER = "owner", _("Owner")


class Right(models.TextChoices):
    """What can be allowed. Which role may do it in a department, and since when, the rulebook says."""

    EDIT_ROSTER = "edit_roster", _("Edit and publish the roster")
    WATCH_SHIFTS = "watch_shifts", _("Watch who is on duty")
    TAKE_OVER = "take_over", _("Take over handovers and clock-outs")
    READ_REGISTER = "read_register", _("Read everybody's notebooks")
    REPORT_INCIDENT = "report_incident", _("Report incidents")
    DECIDE_INCIDENT = "decide_incident", _("Confirm or dismiss incidents")
    COLLECT_FINES = "collect_fines", _("Collect fines")
    JUDGE_AGENTS = "judge_agents", _("Judge agents for the scorecard")
    SCORE_MONTH = "score_month", _("Score the month")
    READ_SCORECARDS = "read_scorecards", _("Read every scorecard")
    EDIT_RULEBOOK = "edit_rulebook", _("Change the rulebook")
    APPROVE_LEAVE = "approve_leave", _("Approve leave")
    APPROVE_SWAP = "approve_swap", _("Approve swaps")
    CORRECT_ATTENDANCE = "correct_attendance", _("Approve corrections of attendance")
    HANDLE_REGISTER = "handle_register", _("Handle the issue register")
    HANDLE_CASES = "handle_cases", _("Handle bad reviews and complaints")
    IMPORT_FIGURES = "import_figures", _("Read in statistics and orders")
    DECIDE_ORDERS = "decide_orders", _("Decide whose an order is")
    LEAD_TRAINING = "lead_training", _("Lead meetings, training and launches")
    AWARD_BONUS = "award_bonus", _("Approve bonuses")
    MANAGE_MEMBERS = "manage_members", _("Add members, invite them and let them go")


class User(AbstractUser):
    """A person who signs in. Names are one field: given and family names have no order that holds everywhere."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("name"), max_length=60, validators=[can_be_shown])
    date_joined = models.DateTimeField(default=clock.now)

    REQUIRED_FIELDS = ["name"]

    class Meta(AbstractUser.Meta):
        # Signing in tells no small letters from capitals: two names that differ in these alone would open no account.
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="people_username_once",
                violation_error_message=_("This user name is taken, in small letters or capitals."),
            )
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


def on_day(day: date | Expression) -> Q:
    """Dated rows that hold on `day` (a date, or SQL for one); both ends count."""
    return Q(from_day__lte=day) & (Q(until_day=None) | Q(until_day__gte=day))


def days_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=Q(until_day=None) | Q(until_day__gte=F("from_day")))


class Department(models.Model):
    """The unit that has one rulebook, one roster and one activity fund."""

    code = models.SlugField(max_length=40, unique=True, validators=[CODE])
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=40, validators=[known_zone])
    # How far past midnight a shift of its rulebook can reach, with its extension: so long does a last day last.
    late_minutes = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    # What it is to the reader of a page (`people.permissions.places_of`): whether they only were here once, whether
    # they have other departments, whether they may found one.
    is_former = False
    has_others = False
    may_found = False

    @functools.cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def local(self, instant: datetime) -> datetime:
        """The instant on the department's wall clock."""
        return instant.astimezone(self.zone)

    def today(self) -> date:
        """The calendar day in the department now. A running night shift belongs to the day on which it began."""
        return self.local(clock.now()).date()

    def ending_day(self) -> date:
        """The day whose last shifts may still be running: whoever's last day it is still belongs here."""
        return self.local(clock.now() - timedelta(minutes=self.late_minutes)).date()


class MembershipQuerySet(models.QuerySet):
    def on(self, day: date):
        return self.filter(on_day(day))

    def touching(self, first: date, last: date):
        """Members on at least one day from `first` to `last`, both included."""
        return self.filter(Q(from_day__lte=last) & (Q(until_day=None) | Q(until_day__gte=first)))

    def rostered(self):
        return self.filter(rostered=True)

    def scored(self):
        return self.filter(scored=True)


class Membership(models.Model):
    """One person's time in one department, under one work number."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    department = models.ForeignKey(Department, models.PROTECT, related_name="memberships")
    work_number = models.CharField(max_length=12, validators=[can_be_shown])
    from_day = models.DateField()
    until_day = models.DateField(null=True, blank=True)
    rostered = models.BooleanField(default=True)
    scored = models.BooleanField(default=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["work_number"]
        # That a work number is one person's for ever, and nobody a member twice at once, are triggers.
        constraints = [days_in_order("people_membership_days_in_order")]
        indexes = [models.Index(name="people_work_number", fields=["department", "work_number"])]

    def __str__(self) -> str:
        return f"{self.work_number} {self.user}"

    @property
    def name(self) -> str:
        return str(self.user)

    def holds_on(self, day: date) -> bool:
        return self.from_day <= day and (self.until_day is None or day <= self.until_day)

    @property
    def has_left(self) -> bool:
        """Whether the last day is over, with the last shift that could begin on it."""
        return self.until_day is not None and self.until_day < self.department.ending_day()

    @property
    def holds_now(self) -> bool:
        return self.from_day <= self.department.today() and not self.has_left


class RoleGrant(models.Model):
    """A role that a person holds in a department for a time. Whether they work shifts is another matter."""

    user = models.ForeignKey(User, models.PROTECT, related_name="role_grants")
    department = models.ForeignKey(Department, models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=10, choices=Role)
    from_day = models.DateField()
    until_day = models.DateField(null=True, blank=True)
    # Whether it ends because the membership does, and when it would end else: it follows the membership's last day.
    with_membership = models.BooleanField(default=False)
    own_end = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            days_in_order("people_grant_days_in_order"),
            models.CheckConstraint(name="people_grant_role_known", condition=Q(role__in=Role.values)),
            models.UniqueConstraint(name="people_grant_once", fields=["user", "department", "role", "from_day"]),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class RoleRight(models.Model):
    """That a role may do something in a department, from the day on which its rulebook says so."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="role_rights")
    role = models.CharField(max_length=10, choices=Role)
    right = models.CharField(max_length=20, choices=Right)
    from_day = models.DateField()
    until_day = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            days_in_order("people_right_days_in_order"),
            models.CheckConstraint(name="people_right_role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(name="people_right_known", condition=Q(right__in=Right.values)),
            models.UniqueConstraint(name="people_right_once", fields=["department", "role", "right", "from_day"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.get_right_display()}"


class InvitationQuerySet(models.QuerySet):
    def open(self):
        """Neither used, nor expired, nor replaced by a newer one."""
        return self.filter(used_at=None, expires_at__gt=clock.now())


class Invitation(models.Model):
    """That a person may choose a password. Whoever has the token is taken for the person; only its digest is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="invitations")
    department = models.ForeignKey(Department, models.PROTECT, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # A newer one for the same person ends this one at once.
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(name="people_invitation_ends_after", condition=Q(expires_at__gte=F("made_at"))),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def is_open(self) -> bool:
        return self.used_at is None and self.expires_at > clock.now()


class ApiToken(models.Model):
    """With which a program of the department's (chat tool, clock terminal) writes facts. Only its digest is kept."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=60, validators=[can_be_shown])
    digest = models.CharField(max_length=64, unique=True)
    # The first signs of the token, by which people tell one from another.
    hint = models.CharField(max_length=8)
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return self.name
