"""Where the site will stand, from the one place that names the repository."""

from __future__ import annotations

from typing import Any


def set_address(app: Any, config: Any) -> None:
    owner, name = config.html_theme_options["repository_url"].rstrip("/").split("/")[-2:]
    config.html_baseurl = f"https://{owner.lower()}.github.io/{name}/"
    config.ogp_site_url = config.html_baseurl


def setup(app: Any) -> dict[str, Any]:
    app.connect("config-inited", set_address, priority=100)  # before those that read it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
