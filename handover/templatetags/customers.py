"""How a customer looks to the reader of this page: whole to who deals with them, masked to everybody else."""

from django import template
from django.urls import reverse

from handover.customers import masked, may_see_customers, without_phones
from handover.models import HandoverItem

register = template.Library()


def _deals_with(context, item: HandoverItem) -> bool:
    request = context.get("request")
    if request is None:
        return False
    # Whoever is asked to take it on decides about it, and has to know whom it is about.
    if item.may_accept or item.deals_with:
        return True
    theirs = [member.user_id for member in (item.author, item.owner, item.meant_for) if member is not None]
    return request.user.pk in theirs or may_see_customers(request)


@register.simple_tag(takes_context=True)
def customer_of(context, item: HandoverItem) -> str:
    """The handle of an item's customer as the reader may read it."""
    return item.customer if _deals_with(context, item) else masked(item.customer)


@register.simple_tag(takes_context=True)
def history_of(context, item: HandoverItem) -> str:
    """The address of all that is kept of an item's customer; empty for who may not read the handle in it."""
    if not item.customer or not _deals_with(context, item):
        return ""
    return reverse("handover:customer", args=[item.department.code, item.customer])


@register.simple_tag(takes_context=True)
def told(context, item: HandoverItem, text: str) -> str:
    """A text of an item as the reader may read it: without the phones in it for who does not deal with the customer."""
    return text if _deals_with(context, item) else without_phones(text)
