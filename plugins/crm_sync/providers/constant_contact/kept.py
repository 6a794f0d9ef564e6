"""Keeps the contacts that a look-up has read for later ones. They are in an unnamed temporary file with a numeric
index, so that a million of them take 50 MiB of memory."""

from __future__ import annotations

import tempfile
import weakref
from array import array
from typing import TYPE_CHECKING

import msgspec

from crm_sync.errors import ConfigError
from crm_sync.providers.constant_contact import wire

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np

_BYTES_IN_MEMORY = 32 * 1024 * 1024  # before the contacts go to the file
_BYTES_OF_A_LENGTH = 4

_written = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(wire.Contact).decode


def _no_room(error: OSError) -> ConfigError:
    return ConfigError(
        f"the temporary folder of this worker is full ({type(error).__name__}); free some space, or name another folder"
        " in TMPDIR"
    )


class Kept:
    """Contacts to find by id or by address, after all have been added. The file disappears with the process."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_BYTES_IN_MEMORY)  # noqa: SIM115  # closed by the next line
        weakref.finalize(self, self._file.close)
        self._end = 0
        self._hashes = array("q")
        self._places = array("q")
        self._index: tuple[np.ndarray, np.ndarray] | None = None

    def add(self, contact: wire.Contact) -> None:
        """Add a contact; one that is added again replaces the earlier one."""
        said = _written(contact)
        try:
            self._file.write(len(said).to_bytes(_BYTES_OF_A_LENGTH, "big") + said)
        except OSError as error:
            raise _no_room(error) from None
        for key in (contact.contact_id, contact.subscriber_key):
            self._hashes.append(hash(key))
            self._places.append(self._end)
        self._end += _BYTES_OF_A_LENGTH + len(said)

    def find(self, keys: Collection[str]) -> dict[str, wire.Contact]:
        """The added contacts among ``keys`` (ids, or addresses in lower case)."""
        import numpy as np  # a poll does not need it

        hashes, _ = self._indexed()
        wanted = np.fromiter(map(hash, keys), dtype=np.int64, count=len(keys))
        ends = np.searchsorted(hashes, wanted, side="right").tolist()
        found = {key: self._last(key, end) for key, end in zip(keys, ends, strict=True)}
        return {key: contact for key, contact in found.items() if contact is not None}

    def _indexed(self) -> tuple[np.ndarray, np.ndarray]:
        import numpy as np

        if self._index is None:
            try:
                self._file.flush()
            except OSError as error:
                raise _no_room(error) from None
            hashes = np.frombuffer(self._hashes, dtype=np.int64)
            order = np.argsort(hashes, kind="stable")  # the last contact added with a hash stays last
            self._index = hashes[order], np.frombuffer(self._places, dtype=np.int64)[order]
            self._hashes, self._places = array("q"), array("q")
        return self._index

    def _last(self, key: str, end: int) -> wire.Contact | None:
        """The last contact added with a key. Two keys may share a hash, so the contact itself is compared."""
        hashes, places = self._indexed()
        wanted = hash(key)
        while end and hashes[end - 1] == wanted:
            end -= 1
            contact = self._at(int(places[end]))
            if key in {contact.contact_id, contact.subscriber_key}:
                return contact
        return None

    def _at(self, place: int) -> wire.Contact:
        self._file.seek(place)
        length = int.from_bytes(self._file.read(_BYTES_OF_A_LENGTH), "big")
        return _read(self._file.read(length))
