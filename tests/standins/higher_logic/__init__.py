"""Higher Logic's Push API, imitated: version 1 (/push/v1/members) as clients use it, version 2 as far as known."""
