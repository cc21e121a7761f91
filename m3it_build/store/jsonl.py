"""JSON Lines shards, plain or under Zstandard."""

from collections.abc import Iterable
from typing import BinaryIO

import zstandard

from m3it_build.store.record import Encoder, Record, dumps

LEVEL = 1
"""Base64 shrinks to its entropy at level 1 already; higher levels only cost time."""
WINDOW_LOG = 23
"""8 MiB, what RFC 8878 asks every decoder to accept: repeated pictures fall into it."""


def write_jsonl(stream: BinaryIO, records: Iterable[Record]) -> int:
    """Write one object a line; returns the number of rows.

    The base64 text is spliced in, not passed through a JSON encoder: it is 99 % of the bytes and needs no escapes.
    """
    encoder = Encoder()
    rows = 0
    for record in records:
        stream.writelines(_pieces(record, encoder))
        rows += 1
    return rows


def write_jsonl_zst(stream: BinaryIO, records: Iterable[Record]) -> int:
    """The same, compressed as one frame."""
    parameters = zstandard.ZstdCompressionParameters.from_level(LEVEL, window_log=WINDOW_LOG, enable_ldm=True)
    compressor = zstandard.ZstdCompressor(compression_params=parameters)
    with compressor.stream_writer(stream, closefd=False) as packed:
        encoder = Encoder()
        rows = 0
        for record in records:
            packed.write(b"".join(_pieces(record, encoder)))
            rows += 1
    return rows


def _pieces(record: Record, encoder: Encoder) -> Iterable[bytes]:
    yield (
        b'{"instruction":' + dumps(record.instruction) + b',"inputs":' + dumps(record.inputs) + b',"image_base64_str":['
    )
    for place, image in enumerate(record.images):
        yield b',"' if place else b'"'
        yield encoder.base64(image)
        yield b'"'
    yield b'],"outputs":' + dumps(record.outputs) + b',"meta":' + dumps(record.meta) + b"}\n"
