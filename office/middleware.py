"""What is looked at before a request is read."""

from django.shortcuts import render

# More than any form of ours sends with its files; who sends more is answered before anything of it is read.
MOST_BYTES = 24 * 1024 * 1024


class RefuseTooLarge:
    """413 for a request that announces more than it may have. Without it a file of any size would go to the disk first,
    for the sake of the form's token."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdecimal() and int(announced) > MOST_BYTES:
            return render(request, "413.html", status=413)
        return self.get_response(request)
