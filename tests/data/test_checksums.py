"""The shop and the weights are those that were committed, byte for byte, and a changed file is noticed."""

import pytest

from checksums import LIST, differences, write


def test_the_built_in_shop_and_the_weights_are_unchanged(root):
    assert differences(root / "data") == []


@pytest.fixture
def folder(tmp_path):
    for name in ("cornershop/metadata.csv", "cornershop/images/a.jpg", "cornershop/images/b.jpg", "weights/cnn/a.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    write(tmp_path)
    return tmp_path


def test_list_has_the_form_of_sha256sum(folder):
    lines = (folder / LIST).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "f17cccc333e75832142833a608bbda1ebbf0472dc573d6bf9ccc0ad3255b826e  cornershop/images/a.jpg"
    assert differences(folder) == []


def test_each_difference_is_named(folder):
    shop = folder / "cornershop"
    (shop / "metadata.csv").write_bytes(b"other")
    (shop / "images/a.jpg").unlink()
    (shop / "images/c.jpg").write_bytes(b"new")
    (folder / "weights/cnn/a.json").unlink()
    assert differences(folder) == [
        "cornershop/images/a.jpg is missing",
        "cornershop/images/c.jpg is not in SHA256SUMS",
        "cornershop/metadata.csv has changed",
        "weights/cnn/a.json is missing",
    ]
