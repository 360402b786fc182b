"""Getting in: with and without a given instance, and with credentials that are none."""

import warnings

from door import INSTANCE, Door, environment, raises
from qiskit_ibm_runtime import QiskitRuntimeService
from qiskit_ibm_runtime.api.client import RuntimeClient
from qiskit_ibm_runtime.api.client_parameters import ClientParameters
from qiskit_ibm_runtime.exceptions import IBMNotAuthorizedError
from world import CHANNEL, ghz, result, sampler, service


def discovered(door: Door, **options: object) -> QiskitRuntimeService:
    """Return a service that finds its instances itself."""
    with environment(
        IAM_URL=door.origin,
        GLOBAL_SEARCH_URL=door.origin,
        GLOBAL_CATALOG_URL=door.origin,
    ):
        return QiskitRuntimeService(
            channel=CHANNEL,
            token=door.token,
            url=door.origin,
            url_resolver=lambda *_: door.url,
            **options,
        )


def case_a_given_instance_is_the_active_one(door: Door) -> None:
    found = service(door)
    assert found.channel == CHANNEL
    assert found.active_instance() == INSTANCE
    account = found.active_account()
    assert account["instance"] == INSTANCE
    assert account["token"] == door.token


def case_the_url_alone_leads_to_the_service(door: Door) -> None:
    """A URL that names an experimental service is taken as it is, without a resolver."""
    url = door.url.replace("http://", "http://experimental@")
    with environment(IAM_URL=door.origin, QISKIT_FUNCTIONS_EXPERIMENTAL="1"):
        found = QiskitRuntimeService(channel=CHANNEL, token=door.token, instance=INSTANCE, url=url)
    assert "aer_local" in {backend.name for backend in found.backends()}


def case_instances_are_discovered(door: Door) -> None:
    found = discovered(door)
    (instance,) = found.instances()
    assert instance["crn"] == found.active_instance()
    assert instance["crn"].startswith("crn:v1:bluemix:public:quantum-computing:")
    backend = found.backend("aer_local")
    job = sampler(backend).run([ghz(2)], shots=10)
    assert result(job)[0].data.meas.num_shots == 10
    assert found.job(job.job_id()).status() == "DONE"


def case_an_instance_is_discovered_by_its_name(door: Door) -> None:
    (instance,) = discovered(door).instances()
    found = discovered(door, instance=instance["name"])
    assert found.active_instance() == instance["crn"]


def case_the_usage_of_the_instance(door: Door) -> None:
    usage = service(door).usage()
    assert usage["usage_consumed_seconds"] >= 0
    assert {"instance_id", "plan_id", "usage_period"} <= usage.keys()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        service(door)._check_instance_usage()


def case_without_a_valid_key_nothing_is_served(door: Door) -> None:
    with environment(IAM_URL=door.origin):
        client = RuntimeClient(
            ClientParameters(
                channel=CHANNEL,
                token="not-the-key",
                url=door.origin,
                instance=INSTANCE,
                url_resolver=lambda *_: door.url,
            )
        )
        with raises(IBMNotAuthorizedError):
            client.list_backends()
