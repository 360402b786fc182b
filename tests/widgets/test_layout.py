"""The layout of a view, seen from the page's end of the wire."""

from ipywidgets import HBox, Layout

from qjobwidgets import StatusBadge


def badge_of(service, **traits) -> StatusBadge:
    job = service.run("sample-program", {"iterations": 1}, {"backend": "aer_local"})
    badge = StatusBadge(job)
    for name, value in traits.items():
        setattr(badge, name, value)
    return badge


def test_a_page_is_sent_no_layout_that_nobody_asked_for(service, page):
    badge = badge_of(service)
    assert list(page.states) == [badge.model_id]
    assert page.state(badge)["layout"] is None
    assert badge.get_state()["layout"] is None


def test_who_reads_the_layout_changes_it_on_the_page(service, page):
    badge = badge_of(service)
    badge.layout.width = "50%"
    assert page.state(badge)["layout"] == f"IPY_MODEL_{badge.layout.model_id}"
    assert page.state(badge.layout)["width"] == "50%"
    assert badge.get_state()["layout"] == f"IPY_MODEL_{badge.layout.model_id}"
    assert badge.layout is badge.layout


def test_a_layout_that_is_given_is_sent(service, page):
    layout = Layout(flex="1")
    badge = badge_of(service, layout=layout)
    HBox([badge])
    assert page.state(badge)["layout"] == f"IPY_MODEL_{layout.model_id}"
