"""The thin client of Qiskit Runtime services: HTTP in, records out.

``transport`` owns the connection, ``api`` the questions one can ask, :class:`RuntimeService` and
:class:`RuntimeJob` are what users hold. Nothing here loads Qiskit before it is needed.
"""

from qjobwidgets.client import submissions
from qjobwidgets.client.accounts import Account, Endpoint
from qjobwidgets.client.answers import Answer
from qjobwidgets.client.api import BackendInfo, RecordPage
from qjobwidgets.client.decoders import ResultDecoder
from qjobwidgets.client.job import RuntimeJob
from qjobwidgets.client.program_facts import Program
from qjobwidgets.client.service import RuntimeService
from qjobwidgets.client.streams import StreamHandle
from qjobwidgets.client.transport import HttpTransport, StreamAddress, Transport

__all__ = [
    "Account",
    "Answer",
    "BackendInfo",
    "Endpoint",
    "HttpTransport",
    "Program",
    "RecordPage",
    "ResultDecoder",
    "RuntimeJob",
    "RuntimeService",
    "StreamAddress",
    "StreamHandle",
    "Transport",
    "submissions",
]
