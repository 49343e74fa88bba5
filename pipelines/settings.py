"""Where things are: one setting, SANXING_HOME, and the folders below it. Read once, validated once."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Settings from the environment: SANXING_HOME holds data/ (default: the repository).

    `sanxing dashboard` sets SANXING_REVIEW (what only reviewers see) and SANXING_DOCS_ADDRESS for the pages that it starts.
    """

    model_config = SettingsConfigDict(env_prefix="SANXING_", frozen=True)

    home: Path = REPOSITORY
    review: bool = False  # set by `sanxing dashboard --review` for the pages that it starts
    # Where `sanxing dashboard` serves the Data Docs; it tells the pages so.
    docs_address: str | None = Field(default=None, pattern=r"^http://127\.0\.0\.1:\d+$")

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().resolve()

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def raw(self) -> Path:
        """The originals and the registry: with expectations/ the only truth."""
        return self.data / "raw"

    @property
    def marts(self) -> Path:
        return self.data / "marts"

    @property
    def data_docs(self) -> Path:
        """Great Expectations' Data Docs, a folder a period."""
        return self.data / "data_docs"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file; only the pipeline opens it."""
        return self.data / "warehouse" / "sanxing.duckdb"

    @property
    def run_lock(self) -> Path:
        """The file whose lock a run holds (run_lock.py)."""
        return self.data / ".run.lock"

    @property
    def handover(self) -> Path:
        """What `receive` has read and the next run takes over."""
        return self.data / "handover"

    @property
    def dagster_home(self) -> Path:
        return self.data / "dagster"
