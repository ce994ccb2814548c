"""One JSON object a line on standard output, for people and for `./ecosphere drill`."""

import json
import sys
import threading
from datetime import UTC, datetime

_lock = threading.Lock()


def log(event: str, **fields: object) -> None:
    """Writes `event` with its evidence; `time` is UTC with milliseconds."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = json.dumps({"time": now, "event": event, **fields})
    with _lock:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
