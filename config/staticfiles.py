"""Static files whose names carry their content's hash, so that browsers may keep them for ever."""

from typing import Any

import brotli
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

CSS_IMPORTS = HashedFilesMixin.patterns[0][1][:2]  # type: ignore[attr-defined]
MODULE_IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]


class Collected(StaticFilesConfig):
    """Leaves out what packages bring and no page of ours asks for: source maps, other versions of htmx, ReDoc."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "*.map",
        "*.html",
        "htm*-4*",
        "ext",
        "redoc",
        "rest_framework",
    ]


class QuickCompressor(Compressor):
    """Brotli at a level that takes a tenth of the time for files a few per cent larger."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        """The compressed bytes."""
        return bytes(brotli.compress(data, quality=9))


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Hashes names, also inside the `import` statements of our own ES modules (each ends with a semicolon).

    Django's own switch for module imports reads every package's scripts too and stumbles over theirs.
    """

    patterns = (("*.css", CSS_IMPORTS), ("js/*.js", MODULE_IMPORTS))

    def create_compressor(self, **options: Any) -> Compressor:
        """The quick one: a first start waits for it."""
        return QuickCompressor(**options)
