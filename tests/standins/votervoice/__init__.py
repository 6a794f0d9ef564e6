"""VoterVoice's REST API, imitated for what a sync of contacts needs. The real one refuses plain HTTP, this cannot."""
