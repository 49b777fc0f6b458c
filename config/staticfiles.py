"""Static files whose names carry their content's hash, so that browsers may keep them for ever."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

CSS_IMPORTS = HashedFilesMixin.patterns[0][1][:2]  # type: ignore[attr-defined]
MODULE_IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]


class Collected(StaticFilesConfig):
    """Leaves out what packages bring and no page of ours asks for: source maps, the browsable API, ReDoc."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "*.map", "redoc", "rest_framework", "*.html"]


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Hashes names, also inside the `import` statements of our own ES modules (each ends with a semicolon).

    Django's own switch for module imports reads every package's scripts too and stumbles over theirs.
    """

    patterns = (("*.css", CSS_IMPORTS), ("js/*.js", MODULE_IMPORTS))
