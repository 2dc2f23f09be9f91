"""Entries of the issue register: written once, with customer and picture."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from handover import services
from handover.models import Issue, Matter, MatterState
from office import clock
from office.models import Upload
from tests.factories import add_person

pytestmark = pytest.mark.usefixtures("afternoon")

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(24)


def refusal_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return refusal.value.code


def test_an_entry_names_the_customer_and_keeps_a_picture(agent):
    file = SimpleUploadedFile("wrong price.png", PICTURE)
    issue = services.write_issue(
        author=agent.membership, category="problem", text="x", customer=" 小鹿 t***8 ", picture=file
    )
    assert (issue.customer, issue.picture.name, issue.picture.by) == ("小鹿 t***8", "wrong price.png", agent)
    assert Matter.objects.get(issue=issue).state == MatterState.NEW


def test_what_comes_twice_under_one_token_is_written_once(agent):
    call = {"author": agent.membership, "category": "problem", "text": " x ", "token": uuid.uuid4()}
    first = services.write_issue(**call)
    clock.move(timedelta(minutes=3))
    assert services.write_issue(**call) == first
    assert Issue.objects.count() == Matter.objects.count() == 1


def test_another_text_or_another_person_under_the_token_is_no_repeat(agent, colleague):
    call = {"author": agent.membership, "category": "problem", "text": "x", "token": uuid.uuid4()}
    services.write_issue(**call)
    assert refusal_of(services.write_issue, **call | {"text": "y"}) == "token_used"
    assert refusal_of(services.write_issue, **call | {"author": colleague.membership}) == "token_used"
    assert Issue.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "empty_file"), (b"MZ program", "unknown_type"), (PICTURE + bytes(6 << 20), "too_large")]
)
def test_a_file_that_is_no_picture_keeps_the_entry_from_being_written(agent, content, code):
    call = {"author": agent.membership, "category": "problem", "text": "x"}
    assert refusal_of(services.write_issue, **call, picture=SimpleUploadedFile("x.png", content)) == code
    assert not Issue.objects.exists()


def test_no_file_is_left_of_an_entry_that_fails(agent, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    call = {"author": agent.membership, "category": "nonsense", "text": "x"}
    assert refusal_of(services.write_issue, **call, picture=SimpleUploadedFile("x.png", PICTURE)) == "unknown_category"
    assert not Upload.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_overlong_customer_is_refused_by_field(agent):
    with pytest.raises(ValidationError) as refusal:
        services.write_issue(author=agent.membership, category="problem", text="x", customer="x" * 81)
    assert set(refusal.value.error_dict) == {"customer"}


def test_who_handles_the_register_reads_it_under_any_rulebook(changed_department):
    from people.models import Right
    from people.permissions import holders_of
    from people.services import grant_role
    from tests.factories import JOINED

    handler = add_person(changed_department)
    grant_role(actor=None, department=changed_department, user=handler, role="finance", from_day=JOINED)
    assert handler in holders_of(changed_department, Right.HANDLE_REGISTER)
    other = add_person(changed_department)
    issue = services.write_issue(author=other.membership, category="fault", text="x")
    assert set(Issue.objects.visible_to(handler)) == {issue}
    assert set(Matter.objects.visible_to(handler)) == {issue.matter}
