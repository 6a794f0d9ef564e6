"""Random histories of an association, after each of which the provider must hold what the CRM says."""
