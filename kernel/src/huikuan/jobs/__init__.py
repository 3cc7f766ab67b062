"""Work outside requests: schedules, single jobs, the relay of events, and the worker that runs them."""

from huikuan.jobs.declare import JobSpec, enqueue, job

__all__ = ["JobSpec", "enqueue", "job"]
