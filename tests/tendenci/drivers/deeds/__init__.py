"""What happens at an association, each by Tendenci's own ORM, its pages, or the jobs that it runs every night."""

from deeds.groups import *  # noqa: F403
from deeds.members import *  # noqa: F403
from deeds.people import *  # noqa: F403
