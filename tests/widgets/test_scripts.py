"""What a page is sent of a view, seen from its end of the wire."""

from ipywidgets import HBox

from qjobwidgets import StatusBadge
from qjobwidgets.host import Host


def badge_of(service, monkeypatch, host: Host) -> StatusBadge:
    monkeypatch.setattr("qjobwidgets.widgets.view.host", lambda: host)
    monkeypatch.setattr("qjobwidgets.widgets.scripts.host", lambda: host)
    return StatusBadge(service.run("sample-program", {"iterations": 1}, {"backend": "aer_local"}))


def test_a_view_in_a_box_has_a_model_where_nobody_looks(service, page, monkeypatch):
    """The box asked for the id of a model that there was not: an AttributeError."""
    badge = badge_of(service, monkeypatch, Host.HEADLESS)
    assert page.states == {}
    box = HBox([badge])
    assert page.state(box)["children"] == [f"IPY_MODEL_{badge.model_id}"]
    assert page.state(badge)["job"]["id"] == badge.record.id


def test_a_page_that_asks_is_sent_script_and_style(service, page, monkeypatch):
    _first, second = (badge_of(service, monkeypatch, Host.JUPYTER) for _ in range(2))
    assert len(page.state(second)["_esm"]) < 2000
    assert page.state(second)["_css"] == ""
    page.send(second, kind="script")
    state = page.state(second)
    assert "DecompressionStream" in state["_esm"]
    assert ".qjw-badge" in state["_css"]


def test_all_of_a_model_is_sent_to_a_page_that_asks_for_its_state(service, page, monkeypatch):
    """A page that is loaded again asks so."""
    badge = badge_of(service, monkeypatch, Host.JUPYTER)
    assert "DecompressionStream" in badge.get_state()["_esm"]
