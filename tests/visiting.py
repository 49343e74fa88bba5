"""A page of the dashboard in Streamlit's own test runner, over the marts of the home in the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from streamlit import config
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import dashboards
from dashboards.pages import START

SCRIPT = re.compile("<script>.*?</script>", re.DOTALL)
APP = Path(dashboards.__file__).with_name("app.py")


def visited(page: str, choices: Mapping[str, str] = MappingProxyType({})) -> AppTest:
    """The page at this address, with these choices in it, drawn. Pages remember what they have asked of a run by its name: each test names its own."""
    config.set_option("server.address", "127.0.0.1")  # as the pages are started: they answer on no other
    app = AppTest.from_file(str(APP), default_timeout=60)
    app._page_hash = calc_hash(
        "" if page == START else page
    )  # a page that st.navigation names has no file to switch to
    for name, value in choices.items():
        app.query_params[name] = value
    return app.run()


def words(app: AppTest) -> str:
    """All that the page says, as HTML; its scripts are not said."""
    said = "".join(str(element.proto.body) for element in app.get("html"))
    return SCRIPT.sub("", said)
