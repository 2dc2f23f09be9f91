"""The Celery application and the whole beat schedule.

Tasks take primary keys, are idempotent and catch up after downtime: the schedule only says how often to look for what
is due, never what is due.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("banzu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "extend-shifts": {"task": "shifts.tasks.extend_shifts", "schedule": 30.0},
    "look-through-handovers": {"task": "handover.tasks.look_through_handovers", "schedule": 60.0},
    "look-through-shifts": {"task": "shifts.tasks.look_through_shifts", "schedule": 60.0},
    "end-overdue-swaps": {"task": "shifts.tasks.end_overdue_swaps", "schedule": 300.0},
    "make-due-turns": {"task": "shifts.tasks.make_due_turns", "schedule": 1800.0},
    "end-forgotten-shifts": {"task": "handover.tasks.end_forgotten_shifts", "schedule": 300.0},
    "hand-in-registers": {"task": "handover.tasks.hand_in_registers", "schedule": 300.0},
    "release-items-of-leavers": {"task": "handover.tasks.release_items_of_leavers", "schedule": 600.0},
    "watch-cases": {"task": "handover.tasks.watch_cases", "schedule": 60.0},
    "watch-weeklies": {"task": "handover.tasks.watch_weeklies", "schedule": 300.0},
    "make-meetings": {"task": "handover.tasks.make_meetings", "schedule": 1800.0},
    "make-follow-ups": {"task": "handover.tasks.make_follow_ups", "schedule": 300.0},
    "remind-of-claims": {"task": "handover.tasks.remind_of_claims", "schedule": 3600.0},
    "propose-mentor-bonuses": {"task": "handover.tasks.propose_mentor_bonuses", "schedule": 3600.0},
    "queue-stale-jobs": {"task": "office.tasks.queue_stale_jobs", "schedule": 60.0},
}
