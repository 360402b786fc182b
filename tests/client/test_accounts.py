"""Where the account comes from."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

from qjobwidgets.client.account_sources import resolve_account
from qjobwidgets.client.accounts import base_url
from qjobwidgets.errors import AccountError
from tests.client.faults import CANARY

CRN = "crn:v1:bluemix:public:quantum-computing:{region}:a/1:2::"
US, EU = CRN.format(region="us-east"), CRN.format(region="eu-de")


def saved(tmp_path: Path, mode: int = 0o600, **accounts) -> Path:
    file = tmp_path / "qiskit-ibm.json"
    file.write_text(json.dumps(accounts))
    file.chmod(mode)
    return file


def resolve(tmp_path: Path, environ=None, **arguments):
    arguments.setdefault("file", tmp_path / "none.json")
    return resolve_account(environ=environ or {}, **arguments)


def test_without_anything_it_is_the_embedded_runtime(tmp_path):
    account = resolve(tmp_path)
    assert (account.channel, account.url, account.token) == ("local", None, None)


@pytest.mark.parametrize(
    ("instance", "base"),
    [
        (US, "https://quantum.cloud.ibm.com/api/v1"),
        (EU, "https://eu-de.quantum.cloud.ibm.com/api/v1"),
    ],
)
def test_the_region_of_the_crn_names_the_service(tmp_path, instance, base):
    account = resolve(tmp_path, token=CANARY, instance=instance)
    assert account.channel == "ibm_quantum_platform"
    assert account.url == base
    assert account.iam_url == "https://iam.cloud.ibm.com"


def test_a_url_is_the_rest_base_as_it_is(tmp_path):
    account = resolve(tmp_path, token=CANARY, url="http://127.0.0.1:8787/api/v1/")
    assert account.url == "http://127.0.0.1:8787/api/v1"


def test_an_instance_that_has_yet_to_be_found(tmp_path):
    account = resolve(tmp_path, token=CANARY, instance="mine")
    assert (account.url, account.instance, account.embedded) == (None, "mine", False)
    account = resolve(tmp_path, token=CANARY, instance="auto", plans_preference="open", tags=["a"])
    assert (account.instance, account.plans, account.tags) == (None, ("open",), ("a",))
    with pytest.raises(AccountError, match="CRN"):
        base_url(None, "mine")


def test_preferences_of_a_saved_account(tmp_path):
    preferences = {"region": "eu-de", "plans_preference": ["open", "flex"], "tags": ["x"]}
    file = saved(tmp_path, mine={"token": "t", **preferences})
    account = resolve(tmp_path, file=file, name="mine")
    assert (account.region, account.plans, account.tags) == ("eu-de", ("open", "flex"), ("x",))


def test_iam_url_names_the_exchange(tmp_path):
    environ = {"IAM_URL": "http://127.0.0.1:1/"}
    assert resolve(tmp_path, environ, token=CANARY, instance=US).iam_url == "http://127.0.0.1:1"


def test_a_local_service_by_address_exchanges_keys_itself(tmp_path):
    account = resolve(tmp_path, channel="local", token=CANARY, url="http://127.0.0.1:8787/api/v1")
    assert account.iam_url == "http://127.0.0.1:8787"


def test_arguments_go_before_environment_before_file(tmp_path):
    file = saved(tmp_path, mine={"token": "from-file", "instance": US, "is_default_account": True})
    environ = {"QISKIT_IBM_TOKEN": "from-environment", "QISKIT_IBM_INSTANCE": EU}
    assert resolve(tmp_path, environ, file=file, token="from-argument", instance=US).token == (
        "from-argument"
    )
    from_environ = resolve(tmp_path, environ, file=file)
    assert (from_environ.token, from_environ.instance) == ("from-environment", EU)
    from_file = resolve(tmp_path, file=file)
    assert (from_file.token, from_file.instance) == ("from-file", US)
    assert resolve(tmp_path, environ, file=file, channel="local").channel == "local"
    assert resolve(tmp_path, environ, file=file, name="mine").token == "from-file"


def test_a_channel_misspelled_in_the_environment_is_told(tmp_path):
    """Jobs ran on this machine, without a word of why."""
    environ = {"QISKIT_IBM_CHANNEL": "ibm_qantum"}
    with pytest.raises(AccountError, match="Set QISKIT_IBM_CHANNEL to"):
        resolve(tmp_path, environ)
    file = saved(tmp_path, mine={"channel": "ibm_cloud", "token": "from-file", "instance": US})
    assert resolve(tmp_path, environ, file=file, name="mine").token == "from-file"
    assert resolve(tmp_path, environ, channel="local").channel == "local"


def test_the_usual_names_of_default_accounts(tmp_path):
    account = {"channel": "ibm_cloud", "url": "https://cloud.ibm.com", "token": "t", "instance": US}
    file = saved(tmp_path, other={"token": "o"}, **{"default-ibm-cloud": account})
    found = resolve(tmp_path, file=file)
    assert found.channel == "ibm_quantum_platform"
    assert found.url == "https://quantum.cloud.ibm.com/api/v1"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"channel": "moon"}, "'moon'.*'local'"),
        ({"channel": "ibm_quantum_platform"}, "token.*QISKIT_IBM_TOKEN"),
        ({"token": CANARY, "url": "ftp://x"}, "address.*http"),
        ({"name": "nobody"}, "nobody.*Saved: none"),
        ({"channel": "local", "url": "http://127.0.0.1:1"}, "token"),
    ],
)
def test_what_is_missing_is_named_with_its_fix(tmp_path, arguments, words):
    with pytest.raises(AccountError, match=words) as caught:
        resolve(tmp_path, **arguments)
    assert caught.value.fix
    assert CANARY not in str(caught.value)


def test_a_file_others_can_read_gets_a_warning_that_names_the_fix(tmp_path):
    file = saved(
        tmp_path, 0o644, mine={"token": CANARY, "instance": US, "is_default_account": True}
    )
    with pytest.warns(UserWarning, match=f"chmod 600 {file}"):
        resolve(tmp_path, file=file)
    file.chmod(0o600)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        resolve(tmp_path, file=file)


def test_the_file_is_read_only_when_it_is_needed(tmp_path):
    """A damaged or open file got in the way of accounts that were given in full."""
    file = saved(tmp_path, 0o644)
    file.write_text("{")
    assert resolve(tmp_path, file=file, token=CANARY, instance=US).token == CANARY
    assert resolve(tmp_path, {"QISKIT_IBM_CHANNEL": "local"}, file=file).channel == "local"
    assert resolve(tmp_path, file=file, channel="local").channel == "local"


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}'])
def test_a_damaged_file(tmp_path, text):
    file = tmp_path / "qiskit-ibm.json"
    file.write_text(text)
    file.chmod(0o600)
    if text == "{":
        with pytest.raises(AccountError, match="can't be read"):
            resolve(tmp_path, file=file)
    else:
        assert resolve(tmp_path, file=file).channel == "local"


def test_the_key_is_stable_and_tells_accounts_apart(tmp_path):
    def key(token: str, instance: str) -> str:
        return resolve(tmp_path, token=token, instance=instance).key

    assert key("a", US) == key("a", US)
    assert len({key("a", US), key("b", US), key("a", EU)}) == 3
    assert CANARY not in key(CANARY, US)
