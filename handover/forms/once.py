"""Forms that write once what is sent twice."""

from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from office.forms import RefusingForm


class OnceForm(RefusingForm):
    """Carries a token of its own: sent twice because the connection broke, it is written once."""

    token = forms.UUIDField(required=False, widget=forms.HiddenInput())

    def __init__(self, data=None, *, initial=None, **kwargs):
        super().__init__(data, initial={"token": uuid4(), **(initial or {})}, **kwargs)

    def refuse(self, refusal: ValidationError) -> None:
        super().refuse(refusal)
        if getattr(refusal, "code", None) == "token_used":
            # What stands in the form now is another one: the next press writes it.
            self.data = {**self.data.dict(), "token": str(uuid4())}  # type: ignore[attr-defined]
