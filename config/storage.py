from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticStorage(CompressedManifestStaticFilesStorage):
    """Name static files after their content and compress them, so that browsers keep them for good.

    `manage.py collectstatic` makes them. The names inside are changed too, also where one module imports another.
    """

    support_js_module_import_aggregation = True
