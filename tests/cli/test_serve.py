"""`mmr serve` and the retrievers of the shop's page: what is offered, what is kept, and what is said."""

import pytest

from cli_runner import one_sentence, run
from mmr_toolkit import app as page
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.features import default_encoders
from mmr_toolkit.fusion import ConcatFusion, ResidualFusion
from mmr_toolkit.queries.table import QueryTable
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.shop import heads as shop
from mmr_toolkit.training import heads
from mmr_toolkit.training.recipe import Recipe
from small_catalogue import small_catalogue
from small_labelled import small_labelled

pytestmark = pytest.mark.slow

NAMES = ["concatenation, untrained", "concatenation, trained", "weighted, trained", "attention, trained"]


@pytest.fixture
def served(monkeypatch):
    """What the server was started with."""
    calls = []
    monkeypatch.setattr(page, "serve", lambda retrievers, **settings: calls.append((retrievers, settings)))
    return calls


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    catalogue = small_catalogue(tmp_path_factory.mktemp("items"))
    folder = tmp_path_factory.mktemp("heads") / "head"
    Retriever.build(catalogue, default_encoders(catalogue)).save(folder)
    return folder


def test_a_folder_is_served_untrained_beside_saved_retrievers(served, saved, tmp_path):
    small_catalogue(tmp_path)
    result = run("serve", tmp_path, "--retriever", saved, "--port", 8080, "--password", "secret", "--open")
    assert result.exit_code == 0, result.output
    ((retrievers, settings),) = served
    assert list(retrievers) == ["concatenation, untrained", "head"]
    assert all(retriever.catalogue.ids == Catalogue.from_folder(tmp_path).ids for retriever in retrievers.values())
    del settings["say"]
    expected = {"host": "127.0.0.1", "port": 8080, "password": "secret", "share": False, "open_browser": True}
    expected["allow_hosts"] = []
    assert settings == expected
    assert result.stdout == ""


def test_a_saved_retriever_is_served_under_the_name_of_its_folder(served, saved):
    run("serve", saved)
    run("serve", "--retriever", saved)
    assert [list(retrievers) for retrievers, _ in served] == [["head"], ["head"]]


def test_the_password_may_come_from_the_environment(served, saved, monkeypatch):
    monkeypatch.setenv("MMR_PASSWORD", "from outside")
    run("serve", saved)
    assert served[0][1]["password"] == "from outside"


def test_hosts_are_allowed_once_for_each(served, saved):
    run("serve", saved, "--allow-host", "shop.example", "--allow-host", "192.0.2.7")
    assert served[0][1]["allow_hosts"] == ["shop.example", "192.0.2.7"]


def test_two_retrievers_of_one_name_are_refused(served, saved):
    assert "two retrievers are called 'head'" in one_sentence(run("serve", saved, "--retriever", saved))
    assert served == []


def test_what_cannot_be_served_is_said_in_one_sentence(saved, tmp_path):
    assert "nowhere" in one_sentence(run("serve", tmp_path / "nowhere"))
    assert "the port is 70000; expected 1 to 65535" in one_sentence(run("serve", saved, "--port", 70000))
    assert "the allowed host is 'https://a.example'; expected a name or an address alone" in one_sentence(
        run("serve", saved, "--allow-host", "https://a.example")
    )
    assert "the password is empty" in one_sentence(run("serve", saved, "--password", " "))


def test_ctrl_c_while_loading_ends_with_130(saved, monkeypatch):
    def interrupted(retrievers, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(page, "serve", interrupted)
    result = run("serve", saved)
    assert result.exit_code == 130
    assert "Interrupted: the search page has ended." in result.stderr


# The retrievers of the shop


@pytest.fixture
def small_shop(tmp_path, monkeypatch):
    """A tiny shop in place of the built-in one, with its queries."""
    folder = tmp_path / "cornershop"
    folder.mkdir()
    small_labelled(folder)
    judged = [
        f"{split}-{id} 0 {id} 3\n" for split in ("validation", "test") for id in Catalogue.from_folder(folder).ids
    ]
    (folder / "qrels.txt").write_text("".join(judged), encoding="utf-8")

    monkeypatch.setattr(shop, "cornershop", lambda: Catalogue.from_folder(folder))
    monkeypatch.setattr(shop, "data_folder", lambda: tmp_path)
    shop_table = QueryTable.read(folder / "queries.csv", Catalogue.from_folder(folder))
    monkeypatch.setattr(shop, "shop_query_table", lambda: shop_table)
    return folder


@pytest.fixture
def trainings(monkeypatch):
    """The kinds of heads that were trained."""
    kinds, fit = [], heads.fit

    def counted(fusion, *rest, **options):
        kinds.append(fusion.kind)
        return fit(fusion, *rest, **options)

    monkeypatch.setattr(heads, "fit", counted)
    return kinds


def test_heads_are_trained_once_and_kept(small_shop, trainings, cache):
    first = shop.shop_retrievers(recipe=Recipe(steps=2))
    assert list(first) == NAMES
    assert isinstance(first[NAMES[0]].fusion, ConcatFusion)
    assert all(isinstance(first[name].fusion, ResidualFusion) for name in NAMES[1:])
    assert trainings == ["concat", "weighted", "attention"]
    assert len(list(cache.glob("heads-1/shop-*.safetensors"))) == 3
    again = shop.shop_retrievers(recipe=Recipe(steps=2))
    assert len(trainings) == 3
    for name in NAMES:
        hits = [[(hit.id, hit.score) for hit in found[name].search("red wine")] for found in (first, again)]
        assert hits[0] == hits[1]


def test_another_recipe_is_another_head(small_shop, trainings, cache):
    shop.shop_retrievers(recipe=Recipe(steps=2))
    shop.shop_retrievers(recipe=Recipe(steps=3))
    assert len(trainings) == len(list(cache.glob("heads-1/*"))) == 6


def test_a_damaged_head_is_trained_anew(small_shop, trainings, cache):
    shop.shop_retrievers(recipe=Recipe(steps=2))
    (path,) = cache.glob("heads-1/shop-weighted-*")
    path.write_bytes(b"nothing")
    with pytest.warns(UserWarning, match="A kept head could not be used and is trained anew"):
        shop.shop_retrievers(recipe=Recipe(steps=2))
    assert trainings[3:] == ["weighted"]


def test_without_a_cache_nothing_is_kept(small_shop, trainings, cache):
    shop.shop_retrievers(recipe=Recipe(steps=1), cache=False)
    assert len(trainings) == 3
    assert not (cache / "heads-1").exists()


def test_a_cache_that_cannot_be_written_is_noted(small_shop, trainings, tmp_path):
    place = tmp_path / "cache"
    place.mkdir()
    (place / "heads-1").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.warns(UserWarning, match="The trained head cannot be kept in"):
        found = shop.shop_retrievers(recipe=Recipe(steps=1), cache=place)
    assert list(found) == NAMES


def test_the_shop_is_served_with_its_trained_heads(served, small_shop, monkeypatch):
    original = shop.shop_retrievers

    def quickly(progress):
        return original(recipe=Recipe(steps=1), progress=progress)

    monkeypatch.setattr("mmr_toolkit.shop.shop_retrievers", quickly)
    result = run("serve")
    assert result.exit_code == 0, result.output
    assert list(served[0][0]) == NAMES
    assert "on the first start three heads are trained" in result.stderr
