"""LiveCodeBench's dataset from the Hugging Face Hub: the one module that imports huggingface_hub.

It fetches files and reads none. The dataset's own loader script is not used: that would run code from the network. What
the client library does is left to it: going on with a broken transfer, mirrors (HF_ENDPOINT), tokens (HF_TOKEN), the
cache (HF_HOME, HF_HUB_CACHE) and working offline (HF_HUB_OFFLINE).
"""

from __future__ import annotations

import errno
import logging
import re
from dataclasses import dataclass
from pathlib import Path

from livecodebench.dataset.releases import SHARD_FILES, canonical_name, shard_files
from livecodebench.errors import DatasetError

REPOSITORY = "livecodebench/code_generation_lite"

_BRANCH = "main"
_COMMIT = re.compile(r"[0-9a-f]{40}")
_LOCAL_FILE = "or name a file you have with --dataset PATH"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Release:
    """The files of a release, on this machine.

    Attributes:
        name: Its name; `release_latest` is replaced by the release it stands for.
        revision: The commit of the dataset that the files are from, to be recorded with every result.
        files: The shards, in order. They belong to the client library's cache: read them, do not change them.
    """

    name: str
    revision: str
    files: tuple[Path, ...]


def fetch_release(name: str, revision: str | None = None) -> Release:
    """Fetches what is missing of a release, and says where it is.

    Args:
        name: A release, a shard or a range (see `livecodebench.dataset.releases`).
        revision: A commit, tag or branch of the dataset. None: the commit that `main` was when this machine last
            asked for it, so that later runs read the same problems and need no network; where it never asked, it asks
            now. To get newer problems ask for `main`. A commit whose files are in the cache needs no network either.

    Raises:
        InputError: There is no such release.
        DatasetError: The files cannot be had: no network, no access, no such revision, no space; the message says what
            to do.
    """
    filenames = shard_files(name)
    if revision is None and (pinned := _commit_in_cache()) is not None:
        try:
            return _fetch_all(name, filenames, pinned)
        except _NotAtRevision as error:
            _log.warning("%s; taking the newest commit instead", error)
    return _fetch_all(name, filenames, revision or _BRANCH)


class _NotAtRevision(DatasetError):
    """The dataset has no such file at that commit: the shard was added later."""


def _commit_in_cache() -> str | None:
    """The commit that `main` was when this machine last asked; None where it never fetched a shard from it."""
    try:
        commit = (_cache() / "refs" / _BRANCH).read_text(encoding="ascii")
    except (OSError, ValueError):
        return None
    return commit if any(_cached(filename, commit) for filename in SHARD_FILES) else None


def _fetch_all(name: str, filenames: tuple[str, ...], revision: str) -> Release:
    files: list[Path] = []
    for filename in filenames:
        file = _cached(filename, revision) or _fetch(filename, revision)
        revision = file.parent.name  # the cache names a snapshot by its commit: the other files come from the same one
        files.append(file)
    _log.info("%s of %s at commit %s", canonical_name(name), REPOSITORY, revision)
    return Release(canonical_name(name), revision, tuple(files))


def _cached(filename: str, revision: str) -> Path | None:
    """The file, where the cache has it and the revision is a commit.

    The client would say the same, but to import it costs most of a second.
    """
    file = _cache() / "snapshots" / revision / filename
    return file if _COMMIT.fullmatch(revision) and file.is_file() else None


def _cache() -> Path:
    """The dataset's part of the client's cache, whose layout is documented: refs, snapshots, blobs."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE) / f"datasets--{REPOSITORY.replace('/', '--')}"


def _fetch(filename: str, revision: str) -> Path:
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(REPOSITORY, filename, repo_type="dataset", revision=revision))
    except Exception as error:  # the client lets its HTTP library's errors through, and that library has changed twice
        raise _explained(error, filename, revision) from error


def _explained(error: Exception, filename: str, revision: str) -> DatasetError:
    """What went wrong in the client library, and what the user can do about it."""
    from huggingface_hub import constants, errors

    where = f"{REPOSITORY} at {constants.ENDPOINT}"
    what = f"cannot fetch {filename} of {where}"
    if isinstance(error, errors.LocalEntryNotFoundError):  # its way of saying: no usable answer, and not in the cache
        if constants.HF_HUB_OFFLINE:
            return DatasetError(
                f"{filename} of {REPOSITORY} (revision {revision}) is not in the cache {constants.HF_HUB_CACHE}, and"
                f" HF_HUB_OFFLINE is set: unset it, run `hf download {REPOSITORY} {filename} --repo-type dataset` where"
                f" there is a network and copy the cache, {_LOCAL_FILE}"
            )
        if not _refused(error.__cause__):
            return DatasetError(
                f"{what}: no usable answer ({_short(error.__cause__ or error)}); check the connection, the proxy and"
                f" HF_ENDPOINT and run this again, {_LOCAL_FILE}"
            )
    elif isinstance(error, errors.EntryNotFoundError):
        return _NotAtRevision(
            f"{where} has no {filename} at revision {revision}: choose a release with fewer shards, or another"
            " --dataset-revision (`main` is the newest)"
        )
    elif isinstance(error, errors.RevisionNotFoundError):
        return DatasetError(
            f"{where} has no revision {revision!r}: give --dataset-revision a commit, tag or branch of it"
        )
    elif not _refused(error):
        return DatasetError(f"{what}: {_trouble_here(error)}")
    return DatasetError(
        f"{what}: not found, or no access; check HF_ENDPOINT, and where the dataset needs a login accept its terms and"
        f" set HF_TOKEN, {_LOCAL_FILE}"
    )


def _trouble_here(error: Exception) -> str:
    """What failed on this machine or on the way, and the way out."""
    from huggingface_hub import constants

    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"no space left in {constants.HF_HUB_CACHE}; free some (a whole release needs several GB), or set"
            " HF_HUB_CACHE to a folder on a larger disk"
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{constants.HF_HUB_CACHE} cannot be written ({_short(error)}); set HF_HUB_CACHE to a folder of your own"
    return f"{_short(error)}; run this again (complete files are kept), {_LOCAL_FILE}"


def _refused(error: BaseException | None) -> bool:
    """Whether the hub shows this user no such dataset; one that is gated or private counts as absent there."""
    from huggingface_hub import errors

    if isinstance(error, errors.RepositoryNotFoundError):
        return True
    return isinstance(error, errors.HfHubHTTPError) and error.response.status_code in (401, 403)


def _short(error: BaseException) -> str:
    """An error of the client library on one line: its messages are paragraphs."""
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first[:200]}" if first else type(error).__name__
