"""Downloads of `keras.utils.get_file`."""

import hashlib
import os
import shutil
import urllib.request


def get_file(
    fname: str | None = None,
    origin: str | None = None,
    *,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    cache_dir: str | None = None,
    force_download: bool = False,
) -> str:
    """`keras.utils.get_file`: the path of a file in the cache of Keras, downloaded if it is not
    there or has another checksum."""
    if origin is None:
        raise ValueError("get_file needs the URL of the file, `origin`")
    home = cache_dir or os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")
    folder = os.path.join(home, cache_subdir)
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, fname or os.path.basename(origin))
    wanted = file_hash or md5_hash
    known = os.path.exists(path) and (wanted is None or _get_file_hash(path, wanted) == wanted)
    if force_download or not known:
        with urllib.request.urlopen(origin) as source, open(path, "wb") as target:
            shutil.copyfileobj(source, target)
        if wanted is not None and _get_file_hash(path, wanted) != wanted:
            raise ValueError(f"{origin} has another checksum than {wanted}")
    return path


def _get_file_hash(path: str, wanted: str) -> str:
    """In the algorithm that the length of the wanted checksum tells."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5" if len(wanted) == 32 else "sha256").hexdigest()
