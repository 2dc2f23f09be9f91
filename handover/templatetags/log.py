"""What the cards of the handover log say of an item besides what stands in it."""

from django import template
from django.forms.utils import ErrorList

from handover.forms.log import WALL, CardForm
from handover.models import HandoverItem, ItemEvent
from handover.pages.history import Change, changes_of
from handover.pages.log import Missing, missing_of

register = template.Library()


@register.filter
def missing(item: HandoverItem) -> list[Missing]:
    """What whoever takes the item on will miss, in words."""
    return missing_of(item)


@register.filter
def changes(event: ItemEvent) -> list[Change]:
    """What a note filled in or moved."""
    return changes_of(event)


@register.filter
def typed(form: CardForm | None, name: str) -> str:
    """What was typed into a field of a card's form that came back; empty without one."""
    return form[name].value() or "" if form and name in form.fields else ""


@register.filter
def wrong(form: CardForm | None, name: str) -> ErrorList:
    """What is wrong with a field of a card's form that came back."""
    return form[name].errors if form and name in form.fields else ErrorList()


@register.filter
def homeless(item: HandoverItem) -> CardForm | None:
    """A form that came back although the item has changed meanwhile, so that its card has no place for it any more."""
    form = item.form
    return form if isinstance(form, CardForm) and not getattr(item, form.needs) else None


@register.filter
def wall_due(item: HandoverItem) -> str:
    """Its due time as a field of date and time reads it; empty without one."""
    return f"{item.department.local(item.due_at):{WALL}}" if item.due_at else ""
