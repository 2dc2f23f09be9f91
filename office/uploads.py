"""Files that people hand in: pictures and PDFs, kept under names of our own and served by the pages they belong to.

What a file is, its first bytes say; neither its name nor the browser is believed.
"""

import hashlib
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.http import FileResponse, Http404
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from .models import Upload

MEGABYTE = 1024 * 1024
MOST_MEGABYTES = 5
MOST_BYTES = MOST_MEGABYTES * MEGABYTE
LONGEST_NAME = 120

# By content type: the endings that say it, the first of them ours.
ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}
# So many bytes at the beginning tell them apart.
HEAD = 16

# What the running block keeps, so that it can be taken back.
_kept: ContextVar[list[Upload] | None] = ContextVar("kept", default=None)


def content_type_of(head: bytes) -> str | None:
    """The content type that the first bytes of a file show; None for what is neither picture nor PDF."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return "application/pdf" if head.startswith(b"%PDF-") else None


def checked(file: File) -> str:
    """The content type of a file that may be kept. Refuses "empty_file", "too_large" and "unknown_type"."""
    if not file.size:
        raise ValidationError(_("The file is empty."), code="empty_file")
    if file.size > MOST_BYTES:
        raise ValidationError(
            _("The file has %(size)s MB; at most %(most)s MB can be kept. Take a smaller picture of it.")
            # Rounded up: a file just above the limit must not be said to be as large as it.
            % {"size": -(-file.size // MEGABYTE), "most": MOST_MEGABYTES},
            code="too_large",
        )
    file.seek(0)
    content_type = content_type_of(file.read(HEAD))
    file.seek(0)
    if content_type is None:
        raise ValidationError(_("Choose a picture (JPEG, PNG or WebP) or a PDF."), code="unknown_type")
    return content_type


def clean_name(name: str, content_type: str) -> str:
    """A name to show and to save under: without path and unseen signs, bounded, its ending that of the type."""
    ending = ENDINGS[content_type][0]
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in last if not unicodedata.category(sign).startswith("C"))
    stem, dot, said = " ".join(shown.split()).rpartition(".")
    if not dot:
        stem = said
    elif f".{said.lower()}" in ENDINGS[content_type]:
        ending = f".{said.lower()}"
    stem = stem.strip(". ") or "file"
    return stem[: LONGEST_NAME - len(ending)].rstrip() + ending


def keep(*, file: File, department, by) -> Upload:
    """Keep a file that somebody handed in, under a random name; refuses like `checked`.

    The row is part of the caller's transaction, the file on the disk cannot be: stand inside `none_left_behind`.
    """
    content_type = checked(file)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    upload = Upload(
        department=department,
        by=by,
        name=clean_name(file.name or "", content_type),
        content_type=content_type,
        size=file.size,
        digest=digest.hexdigest(),
    )
    upload.file.save(secrets.token_hex(16) + ENDINGS[content_type][0], file, save=False)
    try:
        upload.save()
    except BaseException:
        _remove(upload)
        raise
    kept = _kept.get()
    if kept is not None:
        kept.append(upload)
    return upload


@contextmanager
def none_left_behind() -> Iterator[None]:
    """Stands around a transaction: when it fails, the files that were kept in it leave the disk, as their rows do."""
    token = _kept.set([])
    try:
        yield
    except BaseException:
        for upload in _kept.get() or ():
            _remove(upload)
        raise
    finally:
        _kept.reset(token)


def _remove(upload: Upload) -> None:
    if upload.file.name:
        upload.file.storage.delete(upload.file.name)


def response(upload: Upload) -> FileResponse:
    """The file itself, for whoever the view has found entitled. It can run nothing and is kept by no cache.

    A picture is shown; a PDF is offered for saving, because browsers show none in a sandbox. 404 when it is gone.
    """
    try:
        opened = upload.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    is_picture = upload.content_type.startswith("image/")
    answer = FileResponse(opened, as_attachment=not is_picture, filename=upload.name, content_type=upload.content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    # Browsers draw a picture that stands alone with a style of their own.
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


def what_may_be_kept() -> str:
    """In the reader's language: a lazy text loses its laziness when something is filled in."""
    return _("A picture (JPEG, PNG, WebP) or a PDF of at most %(most)s MB.") % {"most": MOST_MEGABYTES}


class UploadField(forms.FileField):
    """A picture or a PDF; what cannot be kept is refused beside the field, before anything is stored."""

    def __init__(self, **kwargs):
        accepted = ",".join(ENDINGS)
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": accepted}))
        kwargs.setdefault("help_text", lazy(what_may_be_kept, str)())
        super().__init__(allow_empty_file=True, **kwargs)

    def clean(self, data, initial=None):
        file = super().clean(data, initial)
        if file:
            checked(file)
        return file
