"""What a synchronization costs, beside the least that it could cost; nothing here is a test."""
