"""Other tools that could do the job, each in an environment of its own, beside ours on the same stand-in."""
