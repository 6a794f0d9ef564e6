"""A CRM to start from; ``make crm`` copies it under another name."""
