"""What is known about a company when its first data are laid: the input of every area's ``seeds.seed``."""

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class CompanyProfile:
    """The company at its foundation. ``language`` decides the words and number prefixes of what is seeded."""

    name: str
    language: str = "zh-hans"
    taxpayer_type: Literal["general", "small_scale"] = "general"
    industry: str = "trading"
    chart: str = "small_enterprise"
    start_date: date = date(2026, 1, 1)
    currency: str = "CNY"

    @property
    def in_chinese(self) -> bool:
        return self.language.lower().startswith("zh")

    def word(self, chinese: str, english: str) -> str:
        """The one of the two that the company reads."""
        return chinese if self.in_chinese else english
