from django import template

from office.money import yuan as as_yuan

register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan with two places; nothing for nothing."""
    return "" if fen is None else as_yuan(fen)


@register.filter
def signed_yuan(fen: int) -> str:
    """Like `yuan`, with a plus sign for income."""
    return f"+{as_yuan(fen)}" if fen > 0 else as_yuan(fen)
