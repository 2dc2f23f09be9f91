"""Settings come from the environment alone, and refuse what would be unsafe."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.conftest import HERE

ROOT = HERE.parent
LONG_KEY = "a-key-for-the-tests-that-is-long-enough-to-be-taken-for-one-0123456789"
SHOW = """
import json, sys
from config import settings
print(json.dumps({name: getattr(settings, name, None) for name in sys.argv[1:]}, default=str))
"""


@pytest.fixture
def python(tmp_path):
    """`python(words, …, NAME="value")`: runs Python in the project with nothing in the environment but these."""

    def run(*words, **environment):
        # Empty rather than unset: a .env file beside the project fills in only what is not there.
        nothing = dict.fromkeys(("SECRET_KEY", "DEBUG", "DATABASE_URL", "REDIS_URL", "DEMO", "BEHIND_PROXY"), "")
        base = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path / "var"), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, *map(str, words)]
        env = {**nothing, **base, **environment}
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)

    return run


@pytest.fixture
def shown(python):
    """`shown("NAME", …, **environment)`: the values of these settings."""

    def show(*names, **environment):
        done = python("-c", SHOW, *names, **{"SECRET_KEY": LONG_KEY, **environment})
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        return found[names[0]] if len(names) == 1 else [found[name] for name in names]

    return show


class TestSecretKey:
    @pytest.mark.parametrize("key", ["", " ", "\n"])
    @pytest.mark.parametrize("words", [("manage.py", "check"), ("-c", "import config.wsgi")])
    def test_without_one_and_without_debug_nothing_starts(self, python, words, key):
        done = python(*words, SECRET_KEY=key)
        assert done.returncode != 0
        assert "Set SECRET_KEY (or SECRET_KEY_FILE): without DEBUG there is no default." in done.stderr.splitlines()[-1]

    def test_for_debugging_none_is_needed(self, shown):
        assert shown("DEBUG", "SECRET_KEY", SECRET_KEY="", DEBUG="on") == [True, "only-for-debug"]

    def test_debugging_is_off_unless_it_is_asked_for(self, shown):
        assert shown("DEBUG", "DEMO") == [False, False]

    def test_may_stand_in_a_file(self, shown, tmp_path):
        path = tmp_path / "key"
        path.write_text(f"{LONG_KEY}\n")
        assert shown("SECRET_KEY", SECRET_KEY="", SECRET_KEY_FILE=str(path)) == LONG_KEY

    def test_a_file_that_is_not_there_is_no_key(self, python, tmp_path):
        done = python("manage.py", "check", SECRET_KEY_FILE=str(tmp_path / "none"))
        assert done.returncode != 0
        assert str(tmp_path / "none") in done.stderr


class TestEngines:
    def test_embedded_when_nothing_is_said(self, shown, tmp_path):
        databases, broker, caches = shown("DATABASES", "CELERY_BROKER_URL", "CACHES")
        assert databases["default"]["ENGINE"] == "config.sqlite"
        assert databases["default"]["NAME"] == str(tmp_path / "var" / "db.sqlite3")
        assert databases["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        assert broker.startswith("filesystem://")
        assert caches["default"]["BACKEND"].endswith("FileBasedCache")

    def test_the_folder_of_all_that_changes_is_made(self, shown, tmp_path):
        folder = tmp_path / "a" / "wholly new folder"
        options = shown("CELERY_BROKER_TRANSPORT_OPTIONS", VAR_DIR=str(folder))
        assert (folder / "broker" / "in").is_dir()
        # What one process puts out is what another takes in.
        assert options["data_folder_in"] == options["data_folder_out"] == str(folder / "broker" / "in")

    def test_services_when_they_are_named(self, shown):
        database, redis = "postgres://banzu:pass%2Fword@db:5433/desk", "redis://broker:6379/3"
        databases, broker, caches = shown(
            "DATABASES", "CELERY_BROKER_URL", "CACHES", DATABASE_URL=database, REDIS_URL=redis
        )
        found = databases["default"]
        assert found["ENGINE"] == "django.db.backends.postgresql"
        assert (found["HOST"], found["PORT"], found["NAME"], found["PASSWORD"]) == ("db", 5433, "desk", "pass/word")
        assert found["CONN_HEALTH_CHECKS"] is True
        assert broker == caches["default"]["LOCATION"] == redis
        assert caches["default"]["BACKEND"].endswith("RedisCache")

    def test_one_of_them_alone(self, shown):
        databases, broker = shown("DATABASES", "CELERY_BROKER_URL", REDIS_URL="redis://broker:6379/3")
        assert databases["default"]["ENGINE"] == "config.sqlite"
        assert broker.startswith("redis://")

    def test_an_address_may_stand_in_a_file(self, shown, tmp_path):
        path = tmp_path / "url"
        path.write_text("redis://broker:6379/3\n")
        assert shown("CELERY_BROKER_URL", REDIS_URL_FILE=str(path)) == "redis://broker:6379/3"

    @pytest.mark.parametrize("address", ["mysql://a:b@c/d", "nonsense", "oracle://a:b@c/d"])
    def test_any_other_database_is_refused_in_a_line(self, python, address):
        done = python("manage.py", "check", SECRET_KEY=LONG_KEY, DATABASE_URL=address)
        assert done.returncode != 0
        assert "DATABASE_URL names neither sqlite" in done.stderr.splitlines()[-1]


class TestSecurity:
    def test_cookies_are_secure_unless_debugging(self, shown):
        assert shown("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE") == [True, True]
        assert shown("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", DEBUG="on") == [False, False]
        assert shown("SESSION_COOKIE_SECURE", SECURE_COOKIES="off") is False

    def test_a_proxy_is_believed_only_when_there_is_one(self, shown):
        names = ("SECURE_PROXY_SSL_HEADER", "ALLAUTH_TRUSTED_PROXY_COUNT")
        assert shown(*names) == [None, 0]
        assert shown(*names, BEHIND_PROXY="on") == [["HTTP_X_FORWARDED_PROTO", "https"], 1]

    def test_hosts_and_origins_are_lists(self, shown):
        names = ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS")
        assert shown(*names) == [["localhost", "127.0.0.1", "[::1]"], []]
        given = {"ALLOWED_HOSTS": "a.example,b.example", "CSRF_TRUSTED_ORIGINS": "https://a.example"}
        assert shown(*names, **given) == [["a.example", "b.example"], ["https://a.example"]]


class TestChecks:
    def check(self, python, *words, **environment):
        words = ("manage.py", "check", "--fail-level", "WARNING", *words)
        done = python(*words, **{"SECRET_KEY": LONG_KEY, **environment})
        assert done.returncode == 0, done.stderr

    def test_of_the_embedded_project_find_nothing(self, python):
        self.check(python)

    def test_of_a_deployed_one_find_nothing(self, python):
        """What is silenced, and why, stands beside SILENCED_SYSTEM_CHECKS."""
        self.check(
            python,
            "--deploy",
            ALLOWED_HOSTS="banzu.example.com",
            SECURE_HSTS_SECONDS="31536000",
            BEHIND_PROXY="on",
            DATABASE_URL="postgres://banzu:secret@127.0.0.1:5432/banzu",
            REDIS_URL="redis://127.0.0.1:6379/0",
        )

    def test_no_migration_is_missing(self, python):
        done = python("manage.py", "makemigrations", "--check", "--dry-run", SECRET_KEY=LONG_KEY)
        assert done.returncode == 0, done.stdout


def test_every_variable_is_listed_in_the_example():
    source = (ROOT / "config" / "settings.py").read_text()
    example = (ROOT / ".env.example").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    listed = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    assert read
    assert read <= listed
    # HOST and PORT are read by `make run`.
    assert listed - read <= {"HOST", "PORT"}
