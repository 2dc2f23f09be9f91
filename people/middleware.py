"""What holds for every page of a signed-in person."""

from django.utils.cache import add_never_cache_headers


class PrivatePages:
    """Pages of a signed-in person are kept by no cache: on a shared desk, Back must not show them after sign-out."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response
