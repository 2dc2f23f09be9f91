"""What people type about launches: what to know, questions, and the answers to them."""

from collections.abc import Collection
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.models import Launch, Question
from handover.services.launches import LONGEST_OPTION
from office.forms import NoteField, RefusingForm, longest
from people.models import Membership

from .training import day_field, named

# What the form of a question offers, and how many of them a question needs.
OPTIONS, FEWEST = 5, 2


class LaunchForm(RefusingForm):
    fields_of_codes = {"past": "known_by", "too_far": "known_by", "not_a_member": "trainer"}

    product = forms.CharField(max_length=longest(Launch, "product"), label=_("Product"))
    brief = NoteField(rows=6, max_length=longest(Launch, "brief"), label=_("What to know about it"))
    known_by = day_field(_("Known by"))
    trainer = forms.ChoiceField(required=False, label=_("Who explains it"))

    def __init__(self, *args, members: list[Membership], **kwargs):
        super().__init__(*args, **kwargs)
        self.members = {str(member.pk): member for member in members}
        cast(forms.ChoiceField, self.fields["trainer"]).choices = [("", "—"), *named(members)]

    def clean_trainer(self) -> Membership | None:
        return self.members.get(self.cleaned_data["trainer"])


class QuestionForm(RefusingForm):
    """A question with its options; each has a box that says that it is right."""

    text = NoteField(rows=2, max_length=longest(Question, "text"), label=_("Question"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for place in range(OPTIONS):
            self.fields[f"option_{place}"] = forms.CharField(
                required=place < FEWEST, max_length=LONGEST_OPTION, label=_("Option %(number)s") % {"number": place + 1}
            )
            self.fields[f"right_{place}"] = forms.BooleanField(
                required=False, label=_("Option %(number)s is right") % {"number": place + 1}
            )

    @property
    def pairs(self) -> list:
        return [(self[f"option_{place}"], self[f"right_{place}"]) for place in range(OPTIONS)]

    def asked(self) -> dict:
        """The question as the service takes it: empty options are left out, wherever they stand."""
        data = self.cleaned_data
        given = [(data[f"option_{place}"], data[f"right_{place}"]) for place in range(OPTIONS)]
        kept = [(option, right) for option, right in given if option]
        right = [place for place, (_option, is_right) in enumerate(kept) if is_right]
        return {"text": data["text"], "options": [option for option, _right in kept], "right": right}


class LearnersForm(RefusingForm):
    """Who must know it, of `members`."""

    fields_of_codes = {"no_learners": "learners", "not_a_member": "learners"}

    learners = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        label=_("Who must know it"),
        error_messages={"required": _("Choose who must know it.")},
    )

    def __init__(self, *args, members: list[Membership], **kwargs):
        super().__init__(*args, **kwargs)
        self.members = {str(member.pk): member for member in members}
        cast(forms.MultipleChoiceField, self.fields["learners"]).choices = named(members)

    def clean_learners(self) -> list[Membership]:
        return [self.members[key] for key in self.cleaned_data["learners"]]


class OpenForm(LearnersForm):
    """At first everybody on the roster."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("learners", list(self.members))


class QuizForm(RefusingForm):
    """The answers to a quiz: a field `q<question key>` for each. `number`: which attempt it is.

    `wrong`: keys of the questions that were wrong in the last attempt.
    """

    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=99)

    def __init__(self, *args, questions: list[Question], wrong: Collection[int] = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            self.fields[f"q{question.pk}"] = _answers_to(question, is_wrong=question.pk in wrong)

    @property
    def asked(self) -> list:
        return [self[f"q{question.pk}"] for question in self.questions]

    @property
    def asks_for_several(self) -> bool:
        return any(len(question.right) > 1 for question in self.questions)

    def taken(self) -> dict:
        """The answers by question, and which attempt they are, as the service takes them."""
        given = {question.pk: self.cleaned_data[f"q{question.pk}"] for question in self.questions}
        answers = {key: one if isinstance(one, list) else [one] for key, one in given.items()}
        return {"answers": answers, "number": self.cleaned_data["number"]}


def _answers_to(question: Question, *, is_wrong: bool) -> forms.Field:
    """One can be chosen where one is right."""
    asked: dict[str, Any] = {
        "coerce": int,
        "choices": list(enumerate(question.options)),
        "label": question.text,
        "help_text": _("Wrong in your last attempt.") if is_wrong else "",
    }
    if len(question.right) == 1:
        required = {"required": _("Choose an answer.")}
        return forms.TypedChoiceField(widget=forms.RadioSelect, error_messages=required, **asked)
    required = {"required": _("Choose at least one answer.")}
    return forms.TypedMultipleChoiceField(widget=forms.CheckboxSelectMultiple, error_messages=required, **asked)
