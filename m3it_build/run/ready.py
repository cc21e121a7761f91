"""What every worker needs, imported once by the process from which workers are forked."""

import m3it_build.run.shard
import m3it_build.store.parquet  # noqa: F401
