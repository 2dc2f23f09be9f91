"""What all forms of the notebooks share."""

from django import forms
from django.core.exceptions import ValidationError


def longest(model, name: str) -> int:
    """How much text the column takes."""
    return model._meta.get_field(name).max_length


class NotebookForm(forms.Form):
    """A form that shows a refusal of its service, code by code, at the field that it is about."""

    beside: dict[str, str] = {}

    def refuse(self, refusal: ValidationError) -> None:
        self.add_error(self.beside.get(getattr(refusal, "code", None) or ""), refusal)
