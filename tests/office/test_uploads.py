"""Files that people hand in: what is kept, under which name, and how it is given out."""

import io
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import Http404
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from office import uploads
from office.models import Upload

JPEG = b"\xff\xd8\xff\xe0" + b"jpeg" * 20
PNG = b"\x89PNG\r\n\x1a\n" + b"png " * 20
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"webp" * 20
PDF = b"%PDF-1.7\n" + b"pdf " * 20
KINDS = {"image/jpeg": JPEG, "image/png": PNG, "image/webp": WEBP, "application/pdf": PDF}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def keep(department, agent):
    def do(content=PNG, name="note.png", browser_says="image/png"):
        return uploads.keep(
            file=SimpleUploadedFile(name, content, content_type=browser_says), department=department, by=agent
        )

    return do


@pytest.mark.parametrize("content_type", KINDS)
@pytest.mark.django_db
def test_pictures_and_pdfs_are_kept_whatever_the_browser_calls_them(keep, content_type):
    upload = keep(KINDS[content_type], name="x", browser_says="text/html")
    assert upload.content_type == content_type
    assert upload.size == len(KINDS[content_type])
    assert len(upload.digest) == 64
    with upload.file.open("rb") as stored:
        assert stored.read() == KINDS[content_type]


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a....",
        b"PK\x03\x04",
        b"\xff\xd8",
    ],
)
@pytest.mark.django_db
def test_anything_else_is_refused_although_its_name_and_the_browser_say_picture(keep, media, content):
    with pytest.raises(ValidationError) as refused:
        keep(content, name="note.png", browser_says="image/png")
    assert refused.value.code == "unknown_type"
    assert files_in(media) == []


@pytest.mark.django_db
def test_an_empty_file_is_refused(keep):
    with pytest.raises(ValidationError) as refused:
        keep(b"")
    assert refused.value.code == "empty_file"


@pytest.mark.django_db
def test_a_file_of_the_limit_is_kept_and_one_byte_more_is_refused(keep):
    assert keep(PNG + b"x" * (uploads.MOST_BYTES - len(PNG))).size == uploads.MOST_BYTES
    with pytest.raises(ValidationError) as refused:
        keep(PNG + b"x" * (uploads.MOST_BYTES - len(PNG) + 1))
    assert refused.value.code == "too_large"
    # A person reads a size above the limit, never "5 MB; at most 5 MB".
    assert "6 MB" in refused.value.message


@pytest.mark.django_db
def test_the_file_lies_under_a_name_that_nobody_chose(keep):
    one, two = keep(name="../../etc/passwd.png"), keep(name="../../etc/passwd.png")
    assert one.file.name != two.file.name
    assert re.fullmatch(r"uploads/\d{4}/\d\d/[0-9a-f]{32}\.png", one.file.name)
    assert one.name == "passwd.png"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("病假条.png", "病假条.png"),
        (r"C:\Users\me\note.PNG", "note.png"),
        ("note.html", "note.png"),
        ("note\u202egnp.exe", "notegnp.png"),
        ("a\x00b\nc.png", "abc.png"),
        ("", "file.png"),
        (".png", "file.png"),
        ("..", "file.png"),
        ("no ending", "no ending.png"),
        ("x" * 400 + ".png", "x" * 116 + ".png"),
    ],
)
def test_names_are_shown_clean_and_short(name, shown):
    assert uploads.clean_name(name, "image/png") == shown


@given(st.text(max_size=300))
def test_no_name_is_a_path_or_longer_than_its_column(name):
    for content_type, endings in uploads.ENDINGS.items():
        shown = uploads.clean_name(name, content_type)
        assert 0 < len(shown) <= uploads.LONGEST_NAME
        assert not set(shown) & set("/\\\n\r\0")
        assert shown.endswith(endings)


@given(st.binary(max_size=40))
def test_only_the_four_beginnings_are_known(head):
    slow = {
        "image/jpeg": head[:3] == b"\xff\xd8\xff",
        "image/png": head[:8] == b"\x89PNG\r\n\x1a\n",
        "image/webp": head[:4] == b"RIFF" and head[8:12] == b"WEBP",
        "application/pdf": head[:5] == b"%PDF-",
    }
    assert uploads.content_type_of(head) == next((kind for kind, fits in slow.items() if fits), None)


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_leaves_neither_row_nor_file(keep, media):
    def fails():
        with uploads.none_left_behind(), transaction.atomic():
            keep()
            assert len(files_in(media)) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert files_in(media) == []
    assert not Upload.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_that_holds_keeps_its_file(keep, media):
    with uploads.none_left_behind(), transaction.atomic():
        keep()
    with pytest.raises(RuntimeError), uploads.none_left_behind():
        raise RuntimeError
    assert len(files_in(media)) == 1
    assert default_storage.exists(Upload.objects.get().file.name)


@pytest.mark.django_db
def test_what_is_given_out_runs_nothing_and_stays_in_no_cache(keep):
    answer = uploads.response(keep(name="病假条.png"))
    assert b"".join(answer.streaming_content) == PNG
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == "inline; filename*=utf-8''%E7%97%85%E5%81%87%E6%9D%A1.png"
    answer.close()


@pytest.mark.django_db
def test_a_pdf_is_offered_for_saving(keep):
    answer = uploads.response(keep(PDF, name='a"; x=.pdf'))
    answer.close()
    assert answer["Content-Disposition"] == 'attachment; filename="a\\"; x=.pdf"'


@pytest.mark.django_db
def test_a_file_that_is_gone_is_not_found(keep):
    upload = keep()
    upload.file.storage.delete(upload.file.name)
    with pytest.raises(Http404):
        uploads.response(Upload.objects.get(pk=upload.pk))


def test_the_field_says_what_is_wrong_with_a_file():
    field = uploads.UploadField(required=False)
    assert field.clean(None) is None
    for content, code in ((b"", "empty_file"), (b"text", "unknown_type")):
        with pytest.raises(ValidationError) as refused:
            field.clean(SimpleUploadedFile("note.png", content))
        assert refused.value.code == code
    picture = SimpleUploadedFile("note.png", PNG)
    assert field.clean(picture) is picture
    assert picture.read() == io.BytesIO(PNG).read()


def test_the_field_says_what_may_be_kept_in_each_readers_language():
    field = uploads.UploadField(required=False)
    said = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            said[language] = str(field.help_text)
    assert said["en"].startswith("A picture")
    assert said["zh-hans"] != said["en"]
