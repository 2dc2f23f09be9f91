"""Password rules in words that have a translation."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    """Django's own rule; its sentence is missing from Django's Chinese."""

    def get_error_message(self) -> str:
        return _("A password has at least %(length)s characters.") % {"length": self.min_length}

    def get_help_text(self) -> str:
        return self.get_error_message()
