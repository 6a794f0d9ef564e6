"""CRM Sync keeps the people of an association's CRM and of its outside services the same."""
