"""What a page does while its department has no rulebook yet."""

import functools

from django.shortcuts import render

from rulebooks.services import NoRulebook


def needs_rulebook(view):
    """Wrap a view whose form takes its choices from the rulebook: without one it says so instead of failing."""

    @functools.wraps(view)
    def wrapped(request, department, *args, **kwargs):
        try:
            return view(request, department, *args, **kwargs)
        except NoRulebook as refusal:
            return render(request, "handover/no_rulebook.html", {"text": " ".join(refusal.messages)})

    return wrapped
