"""What the cards of the handover log say of an item besides what stands in it."""

from django import template

from handover.models import HandoverItem
from handover.pages.log import missing_of

register = template.Library()


@register.filter
def missing(item: HandoverItem) -> list[str]:
    """What whoever takes the item on will miss, in words."""
    return missing_of(item)
