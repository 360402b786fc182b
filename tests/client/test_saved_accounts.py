"""Accounts on disk, in the file that the official client uses too."""

from __future__ import annotations

import json
import threading
import warnings
from pathlib import Path

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.errors import AccountError
from tests.client.faults import CANARY

CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "qiskit-ibm.json"


def content(file: Path):
    return json.loads(file.read_text())


def test_what_is_saved_is_what_the_official_client_saves(file):
    RuntimeService.save_account(CANARY, instance=CRN, filename=file)
    assert content(file) == {
        "default-ibm-quantum-platform": {
            "channel": "ibm_quantum_platform",
            "instance": CRN,
            "private_endpoint": False,
            "token": CANARY,
            "url": "https://cloud.ibm.com",
        }
    }
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir() if ".lock" not in path.name] == [file.name]


def test_a_saved_account_is_used(file):
    RuntimeService.save_account(CANARY, instance=CRN, filename=file, name="a")
    RuntimeService.save_account("b", instance=CRN, filename=file, name="b", set_as_default=True)
    service = RuntimeService(filename=file)
    assert service.account.token == "b"
    assert service.account.url == "https://quantum.cloud.ibm.com/api/v1"
    assert RuntimeService(filename=file, name="a").account.token == CANARY
    assert service.active_account()["instance"] == CRN


def test_only_one_is_the_default(file):
    for name in ("a", "b"):
        RuntimeService.save_account(name, filename=file, name=name, set_as_default=True)
    assert [name for name, one in content(file).items() if one.get("is_default_account")] == ["b"]
    RuntimeService.save_account("b2", filename=file, name="b", overwrite=True)
    assert content(file)["b"]["is_default_account"] is True
    RuntimeService.save_account("b", filename=file, name="b", overwrite=True, set_as_default=False)
    assert "is_default_account" not in content(file)["b"]


def test_an_account_is_not_overwritten_by_accident(file):
    RuntimeService.save_account("old", filename=file, name="a")
    with pytest.raises(AccountError, match=r"'a' already.*overwrite=True"):
        RuntimeService.save_account("new", filename=file, name="a")
    assert content(file)["a"]["token"] == "old"
    RuntimeService.save_account("new", filename=file, name="a", overwrite=True)
    assert content(file)["a"]["token"] == "new"


def test_what_others_have_written_stays(file):
    file.parent.mkdir()
    others = {"x": {"token": "t", "odd": {"deep": [1]}}, "version": 3}
    file.write_text(json.dumps({**others, "a": {"token": "t", "verify": False, "tags": ["old"]}}))
    file.chmod(0o600)
    RuntimeService.save_account("new", filename=file, name="a", overwrite=True)
    assert others.items() <= content(file).items()
    assert content(file)["a"]["verify"] is False
    assert "tags" not in content(file)["a"]


def test_accounts_are_listed(file):
    assert RuntimeService.saved_accounts(filename=file) == {}
    RuntimeService.save_account("1", filename=file)
    RuntimeService.save_account("2", filename=file, channel="ibm_cloud", tags=["t"])
    RuntimeService.save_account("3", filename=file, name="mine", plans_preference="open")

    def names(**filters):
        return set(RuntimeService.saved_accounts(filename=file, **filters))

    assert names() == {"default-ibm-quantum-platform", "default-ibm-cloud", "mine"}
    assert names(default=True) == {"default-ibm-quantum-platform", "default-ibm-cloud"}
    assert names(default=False) == {"mine"}
    assert names(channel="ibm_cloud") == {"default-ibm-cloud"}
    assert names(name="mine") == {"mine"}
    assert names(name="nobody") == set()
    mine = RuntimeService.saved_accounts(filename=file, name="mine")["mine"]
    assert mine["plans_preference"] == ["open"]
    assert mine["token"] == "3"


def test_a_list_of_accounts_does_not_show_tokens(file):
    RuntimeService.save_account(CANARY, instance=CRN, filename=file)
    accounts = RuntimeService.saved_accounts(filename=file)
    active = RuntimeService(filename=file).active_account()
    assert CANARY not in f"{accounts} {accounts!r} {active}"
    assert "***" in str(active)
    assert active["token"] == CANARY


def test_accounts_are_deleted(file):
    assert RuntimeService.delete_account(filename=file) is False
    assert not file.parent.exists()
    RuntimeService.save_account("1", filename=file)
    RuntimeService.save_account("2", filename=file, name="mine")
    assert RuntimeService.delete_account(filename=file, name="nobody") is False
    assert RuntimeService.delete_account(filename=file, name="mine") is True
    assert RuntimeService.delete_account(filename=file, channel="ibm_cloud") is False
    assert RuntimeService.delete_account(filename=file) is True
    assert content(file) == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"token": None}, r"token.*token=\.\.\."),
        ({"token": "  "}, "token"),
        ({"token": "t", "channel": "moon"}, "'moon'.*ibm_quantum_platform"),
    ],
)
def test_what_can_not_be_saved(file, arguments, words):
    with pytest.raises(AccountError, match=words):
        RuntimeService.save_account(filename=file, **arguments)
    assert not file.exists()


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_damaged_file_is_left_as_it_is(file, text):
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(AccountError, match="Mend or remove"):
        RuntimeService.save_account("t", filename=file)
    assert file.read_text() == text


def test_a_file_that_can_not_be_written_is_said(tmp_path):
    (tmp_path / "no-folder").write_text("")
    with pytest.raises(AccountError, match="can't be changed"):
        RuntimeService.save_account("t", filename=tmp_path / "no-folder" / "file.json")


def test_a_link_stays_a_link_and_an_open_file_becomes_private(tmp_path, file):
    file.parent.mkdir()
    file.write_text("{}")
    file.chmod(0o644)
    link = tmp_path / "link.json"
    link.symlink_to(file)
    RuntimeService.save_account("t", filename=link, name="a")
    assert link.is_symlink()
    assert content(file)["a"]["token"] == "t"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_without_accounts_has_no_tokens_to_hide(file):
    """The official client leaves one behind, open to all, when it looks for accounts."""
    file.parent.mkdir()
    file.write_text("{}")
    file.chmod(0o644)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert RuntimeService.saved_accounts(filename=file) == {}


def test_many_save_at_once(file):
    threads = [
        threading.Thread(
            target=RuntimeService.save_account,
            kwargs={"token": "t", "filename": file, "name": str(number)},
        )
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(content(file)) == set(map(str, range(8)))
