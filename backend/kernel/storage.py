"""Where files lie: every company under its own prefix; static files under hashed names."""

from pathlib import Path
from uuid import uuid4

from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from backend.kernel.tenancy import schema_name


class TenantStorage(FileSystemStorage):
    """Files of the current company only: names are random and lie in a folder named like its schema.

    A name stored in the database holds the schema, so opening one from another company is refused.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        folder, suffix = Path(name).parent, Path(name).suffix.lower()[:10]
        return f"{schema_name()}/{folder}/{uuid4().hex}{suffix}"

    def path(self, name: str) -> str:
        if Path(name).parts[:1] != (schema_name(),):
            raise PermissionError("A file of another company.")
        return str(super().path(name))


class HashedStatic(CompressedManifestStaticFilesStorage):
    """Static files with the digest in the name; a name that is missing from the manifest is served plain."""

    manifest_strict = False
    # our own modules import each other by hashed names too; other packages' scripts are left as they are
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("ui/js/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )
