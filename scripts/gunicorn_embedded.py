"""How gunicorn serves the embedded run (`make run`); HOST and PORT say where."""

import os

_host = os.environ["HOST"]
bind = f"[{_host}]:{os.environ['PORT']}" if ":" in _host else f"{_host}:{os.environ['PORT']}"
worker_class = "gthread"
workers = 2
threads = 4
loglevel = "warning"
# Below the five seconds after which honcho ends what has not ended by itself.
graceful_timeout = 3
# It would lie outside var/, and nobody listens to it.
control_socket_disable = True


def when_ready(server):
    print(f"Ready: {os.environ['BANZU_URL']}", flush=True)
