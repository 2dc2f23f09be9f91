"""What every section of a rulebook is made of: texts, codes, numbers, and the way a mistake is put into words.

Numbers and switches are strict: `yes`, "4" in quotes or `true` for a number is a mistake, not a guess.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from django.utils.translation import gettext_noop as _
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from office.texts import localised


def mistake(kind: str, message: str, /, *, at: tuple[str | int, ...] = (), **context) -> PydanticCustomError:
    """A mistake in our own words; `{name}` in the message is filled from `context`.

    `at` leads from the part that is being checked to the key that is wrong, when that is not the part itself.
    """
    # The bare message travels along, so that `reading` can say it in the reader's language.
    return PydanticCustomError(kind, message, {**context, "template": message, "at": at})


def once(message: str, values: Sequence[str], where: Callable[[int], tuple[str | int, ...]]) -> None:
    """Refuse a value that stands here twice; `{value}` in the message is it, `where` gives its place by its index."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            raise mistake("twice", message, at=where(index), value=value)
        seen.add(value)


def each_once(listed: tuple[str, ...]) -> tuple[str, ...]:
    """A list of words or codes in which nothing may stand twice."""
    once(_("In this list {value} stands twice."), listed, lambda index: (index,))
    return listed


def plain(number: float) -> str:
    """A number as people write it: 50.0 → "50", 62.5 → "62.5"."""
    return f"{number:.12g}"


def readable(value: str) -> str:
    if not value.strip():
        raise mistake("empty_text", _("This text is empty."))
    return value


def shown_everywhere(value: str) -> bool:
    """Whether a text is free of what no screen shows and no database stores: control signs, halves of characters."""
    return not any(unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" for sign in value)


def written_as_code(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", value):
        message = _('"{value}" is no code: write small letters, digits and hyphens, 40 at most.')
        raise mistake("code", message, value=value)
    return value


def written_as_shift_code(value: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9]{0,3}", value):
        message = _('"{value}" is no code of a shift: write capital letters and digits, 4 at most, a letter first.')
        raise mistake("shift_code", message, value=value)
    return value


Whole = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Switch = Annotated[bool, Field(strict=True)]
Points = Annotated[Number, Field(ge=0, le=1000)]
Code = Annotated[str, AfterValidator(written_as_code)]
ShiftCode = Annotated[str, AfterValidator(written_as_shift_code)]
ClauseNumber = Annotated[str, Field(max_length=12), AfterValidator(readable)]


def unit(name: str) -> Any:
    """What a number of the schema counts, for `Field(json_schema_extra=…)`."""
    return {"unit": name}


def values(**words: str) -> Any:
    """What each value of a choice means, for `Field(json_schema_extra=…)`."""
    return {"values": words}


class Part(BaseModel):
    """A group of keys; one that is not known is refused. Every key has a title and a description (`describe`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Part):
    """A text in both languages; `str()` gives the active one."""

    zh: Annotated[str, Field(alias="zh-Hans", max_length=400), AfterValidator(readable)] = Field(
        title=_("in Chinese"), description=_("The text as Chinese readers see it.")
    )
    en: Annotated[str, Field(max_length=400), AfterValidator(readable)] = Field(
        title=_("in English"), description=_("The text as English readers see it.")
    )

    def __str__(self) -> str:
        return str(localised(self.both))

    @property
    def both(self) -> dict[str, str]:
        """As data, to be kept with a judgement."""
        return {"zh-Hans": self.zh, "en": self.en}
