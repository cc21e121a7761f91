"""JSON Lines shards, plain or under Zstandard."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import zstandard

from m3it_build.store.record import Encoder, Record, Written, dump_meta, dumps

LEVEL = 1
"""Base64 shrinks to its entropy at level 1 already; higher levels only cost time."""
WINDOW_LOG = 23
"""8 MiB, what RFC 8878 asks every decoder to accept: repeated pictures fall into it."""


def write_jsonl(stream: BinaryIO, records: Iterable[Record]) -> Written:
    """Write one object a line.

    The base64 text is spliced in, not passed through a JSON encoder: it is 99 % of the bytes and needs no escapes.
    """
    lines = _Lines()
    for record in records:
        stream.writelines(lines.pieces(record))
    return lines.written


def write_jsonl_zst(stream: BinaryIO, records: Iterable[Record]) -> Written:
    """The same, compressed as one frame."""
    parameters = zstandard.ZstdCompressionParameters.from_level(LEVEL, window_log=WINDOW_LOG, enable_ldm=True)
    compressor = zstandard.ZstdCompressor(compression_params=parameters)
    lines = _Lines()
    with compressor.stream_writer(stream, closefd=False) as packed:
        for record in records:
            packed.write(b"".join(lines.pieces(record)))
    return lines.written


class _Lines:
    """Rows as lines, counted."""

    def __init__(self) -> None:
        self.encoder = Encoder()
        self.written = Written(0, 0)

    def pieces(self, record: Record) -> Iterator[bytes]:
        meta = dump_meta(record.meta)
        size = len(meta) + sum(len(text.encode()) for text in (record.instruction, record.inputs, record.outputs))
        yield (
            b'{"instruction":' + dumps(record.instruction) + b',"inputs":' + dumps(record.inputs)
            + b',"image_base64_str":['
        )  # fmt: skip
        for place, image in enumerate(record.images):
            text = self.encoder.base64(image)
            size += len(text)
            yield b',"' if place else b'"'
            yield text
            yield b'"'
        yield b'],"outputs":' + dumps(record.outputs) + b',"meta":' + meta + b"}\n"
        self.written = Written(self.written.rows + 1, self.written.decoded_bytes + size)
