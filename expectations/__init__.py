"""What is asked and what an answer must be: the catalogue, read from the YAML files beside this module.

Knows no storage, no Dagster and no Streamlit. `load_catalogue()` is the one way in.
"""

from expectations.catalogue import Catalogue, load_catalogue
from expectations.period import Period
from expectations.source import CatalogueError

__all__ = ["Catalogue", "CatalogueError", "Period", "load_catalogue"]
