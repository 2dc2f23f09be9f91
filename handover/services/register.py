"""Writing the issue register 问题登记本."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from handover.models import Issue, Matter, Meeting, SearchKind
from office import audit, uploads
from people.models import Membership
from rulebooks.services import in_force
from shifts import services as attendance_services

from .items import refuse_who_left
from .search import index


def write_issue(
    *,
    author: Membership,
    category: str,
    text: str,
    about: str = "",
    customer: str = "",
    picture: File | None = None,
    token: UUID | None = None,
    meeting: Meeting | None = None,
) -> Issue:
    """Enter a problem or an idea. It belongs to the date of the shift that its author is on, else to today.

    `token` is made by the page: what comes twice under one token, because the answer to the first was lost, is written
    once, and the second call returns the first entry. `meeting`: the one that
    decided it.

    Refuses an unknown category ("unknown_category"), a member who has left ("not_a_member"), bad texts (by field), a
    file that cannot be kept ("empty_file", "too_large", "unknown_type"), and a token under which something else stands
    already ("token_used").
    """
    with uploads.none_left_behind(), transaction.atomic():
        # The same entry twice at one moment: the second waits here and then finds the first.
        rows = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("user", "department")
        author = rows.get(pk=author.pk)
        typed = {"category": category, "text": text, "about": about, "customer": customer}
        if first := _first_of(token, author, {name: said.strip() for name, said in typed.items()}):
            return first
        department = author.department
        shift = attendance_services.on_duty(author)
        day = shift.business_date if shift else department.today()
        refuse_who_left(author)
        rulebook = in_force(department, day)
        if category not in {known.code for known in rulebook.notebooks.issue_register.categories}:
            raise ValidationError(_("The rulebook knows no such category."), code="unknown_category")
        issue = Issue(
            department=department,
            author=author,
            category=category,
            rulebook_version_id=rulebook.version_id,
            text=text.strip(),
            about=about.strip(),
            customer=customer.strip(),
            token=token,
            meeting=meeting,
            business_date=day,
        )
        issue.clean_fields(exclude={"department", "author", "rulebook_version"})
        if picture:
            issue.picture = uploads.keep(file=picture, department=department, by=author.user)
        issue.save()
        Matter.objects.create(issue=issue)
        index(kind=SearchKind.ISSUE, row=issue, membership=author, business_date=day)
        audit.record(author.user, "handover.issue.written", issue, category=category, picture=bool(picture))
        return issue


def _first_of(token: UUID | None, author: Membership, typed: dict[str, str]) -> Issue | None:
    """The entry that has come under this token before; None for a new one."""
    first = Issue.objects.filter(token=token).first() if token else None
    if first is None:
        return None
    if first.author_id != author.pk or any(getattr(first, name) != said for name, said in typed.items()):
        raise ValidationError(
            _("An entry has arrived from this form already, with another text. Send this one again as a new entry."),
            code="token_used",
        )
    return first
