"""Lists and creates the merge fields of an audience."""

from __future__ import annotations

import msgspec

from crm_sync.client import FieldThere
from crm_sync.errors import ConfigError
from crm_sync.providers.mailchimp import wire
from crm_sync.providers.mailchimp.reader import PAGE, Reader

# seen: a choice from a list is sent as its text.
_PLAIN = "text"
_record = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_TAKES = {"radio": ("text",), "dropdown": ("text",), "imageurl": ("url",)}


class MergeFields(Reader):
    """The merge fields of one audience."""

    _takes: dict[str, tuple[str, ...]] | None = None  # by tag, once the fields have been read

    def fields(self) -> list[FieldThere]:
        """All merge fields, including FNAME and LNAME."""
        query = {"count": PAGE, "fields": "merge_fields.tag,merge_fields.type,merge_fields.required,total_items"}
        page, _ = self._read(f"{self._audience}/merge-fields", query, wire.MergeFields)
        found = [_there(each) for each in page.merge_fields]
        self._takes = {each.name: each.takes for each in found}
        return found

    def _unfit(self) -> frozenset[str]:
        """seen: a value of another type costs the record, so such a field is left out."""
        if not self._further:
            return frozenset()
        if self._takes is None:
            self.fields()
        takes = self._takes or {}
        types = {tag: each.type or _PLAIN for tag, each in self._further.items()}
        return frozenset(tag for tag, kind in types.items() if tag in takes and kind not in takes[tag])

    def _merged(self, fields: str) -> msgspec.Raw:
        """The merge fields of a record as they are sent."""
        unfit = self._unfit()
        if not unfit:
            return msgspec.Raw(fields.encode())
        return msgspec.Raw(
            msgspec.json.encode({tag: each for tag, each in _record(fields).items() if tag not in unfit})
        )

    def create_field(self, name: str, kind: str) -> FieldThere:
        """Create a merge field; its tag is also its name."""
        body = msgspec.json.encode({"tag": name, "name": name, "type": kind})
        response = self._transport.call("POST", f"{self._audience}/merge-fields", body=body)
        if not response.ok:
            raise ConfigError(
                f"Mailchimp did not create the merge field {name} ({response.status_code}); a tag has at most ten"
                " letters and digits. Create it there under Audience > Settings, or correct the table fields"
            )
        return _there(self._decode(response, wire.MergeField))


def _there(each: wire.MergeField) -> FieldThere:
    return FieldThere(each.tag, _TAKES.get(each.type, (each.type,)), each.required)
