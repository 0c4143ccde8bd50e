"""City: columns, rows and the version that names them."""

import dataclasses

import numpy as np
import pytest

from feeds.city import City
from feeds.classes import load
from feeds.lattice import lattice


@pytest.fixture
def city():
    return lattice(
        "town",
        (120.0, 30.0, 120.1, 30.1),
        districts=("east", "west"),
        worker_ids=[f"w{n}" for n in range(9)],
        cameras=5,
    )


def test_a_city_survives_its_bytes(city):
    again = City.from_bytes(city.to_bytes())
    assert again.version == city.version
    assert again.worker_row == city.worker_row


def test_the_version_changes_with_any_column(city):
    moved = dataclasses.replace(city, workers=dataclasses.replace(city.workers, grid=city.workers.grid[::-1].copy()))
    renamed = dataclasses.replace(city, name="other")
    assert len({city.version, moved.version, renamed.version}) == 3


def test_paths_lead_from_each_area_to_the_city(city):
    assert (city.path[:, 0] == 0).all()
    assert city.path[0].tolist() == [0, -1, -1, -1]
    assert set(city.district_of_grid) == set(city.districts)


def test_workers_without_a_word_on_terminals_all_have_one(city):
    assert city.workers.sends.all() and len(city.workers.sends) == 9
    workers = dataclasses.replace(city.workers, terminal=np.arange(9) < 4)
    assert workers.sends.sum() == 4


def test_the_class_table_has_the_six_tops_and_other_first():
    classes, limits = load()
    assert classes.class_code[0] == "other" and classes.name[0] == "其他"
    tops = classes.name[(classes.parent < 0)][1:]
    assert list(tops) == ["党建引领", "矛盾调处", "民生服务", "社会治安", "城建物业", "综合执法"]
    below = classes.parent[classes.parent >= 0]
    assert 40 <= len(below) <= 60
    assert (classes.parent[below] < 0).all() and not (below == 0).any()
    assert (limits.hours > 0).all() and set(limits.level) <= {"community", "street", "district"}


def test_a_class_code_that_stands_twice_is_refused(tmp_path):
    table = tmp_path / "classes.csv"
    table.write_text("class_code,parent,name,name_en,limit_hours,level\na,,A,A,1,\na,,B,B,1,\n", encoding="utf-8")
    with pytest.raises(ValueError, match="twice"):
        load(table)
