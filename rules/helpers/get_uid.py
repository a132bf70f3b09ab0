"""Numbers for names, counted for each prefix."""

_get_uid_last: dict[str, int] = {}


def get_uid(prefix: str = "") -> int:
    """`keras.backend.get_uid`: 1, 2, 3 ... for the same prefix."""
    _get_uid_last[prefix] = _get_uid_last.get(prefix, 0) + 1
    return _get_uid_last[prefix]
