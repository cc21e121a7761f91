"""What every worker needs, imported once by the process from which workers are forked."""

import pyarrow as pa

import m3it_build.run.shard
import m3it_build.store.parquet  # noqa: F401

pa.array([0])  # the first array makes pyarrow import pandas where it is installed
