"""The shop's files are those that were committed, byte for byte, and a changed one is noticed."""

import pytest

from checksums import LIST, differences, write


def test_the_built_in_shop_is_unchanged(root):
    assert differences(root / "data") == []


@pytest.fixture
def folder(tmp_path):
    for name in ("metadata.csv", "images/a.jpg", "images/b.jpg"):
        path = tmp_path / "cornershop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    write(tmp_path)
    return tmp_path


def test_list_has_the_form_of_sha256sum(folder):
    lines = (folder / LIST).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "32f7e84ed700cc22cce767359acc198706759998e3dc4eb4cc63cb853fe665f6  cornershop/images/a.jpg"
    assert differences(folder) == []


def test_each_difference_is_named(folder):
    shop = folder / "cornershop"
    (shop / "metadata.csv").write_bytes(b"other")
    (shop / "images/a.jpg").unlink()
    (shop / "images/c.jpg").write_bytes(b"new")
    assert differences(folder) == [
        "cornershop/images/a.jpg is missing",
        "cornershop/images/c.jpg is not in SHA256SUMS",
        "cornershop/metadata.csv has changed",
    ]
