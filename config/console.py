from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class Console(AdminSite):
    """The configuration console at /admin/."""

    site_header = "Madang"
    site_title = "Madang"
    index_title = _("Home")
