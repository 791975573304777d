"""What is judged of a branch or its unit, and how: a programme's rubric."""

from typing import Literal

from pydantic import Field, model_validator

from etl.core.indicators import Model
from etl.core.sourced import Dated, Sourced


class Minimum(Model):
    per: Literal["quarter", "half_year", "year", "branch"]
    value: int


class RubricItem(Sourced):
    key: str
    zh: str
    points: int = Field(ge=0)
    measure: str
    min: Minimum | None = None


class Dimension(Sourced):
    key: str
    zh: str
    on: Literal["branch", "unit"]
    weight: Dated[int]
    items: tuple[RubricItem, ...]

    @model_validator(mode="after")
    def _points_add_up(self) -> "Dimension":
        points = sum(item.points for item in self.items)
        if any(points != version.value for version in self.weight.versions):
            raise ValueError(f"{self.key}: item points add to {points}, not to the weight")
        return self


class Bonus(Sourced):
    max: int


class Veto(Sourced):
    key: str
    zh: str


class Rubric(Model):
    """What is judged and how; dimension weights add to the total."""

    mode: Literal["score", "points", "inspection", "target", "checklist"]
    total: Dated[int]
    pass_mark: Dated[int | None]
    dimensions: tuple[Dimension, ...]
    bonus: Bonus
    veto: tuple[Veto, ...] = ()

    @model_validator(mode="after")
    def _weights_add_up(self) -> "Rubric":
        total = sum(dimension.weight.versions[-1].value for dimension in self.dimensions)
        if total != self.total.versions[-1].value:
            raise ValueError(f"weights add to {total}, not to {self.total.versions[-1].value}")
        return self
